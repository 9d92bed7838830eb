#include "experiments/recorded_results.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text_stream.h"

namespace segue {
namespace {

std::string metric_of_name(const std::string& figure) { return figure.substr(0, figure.find('@')); }

/// "metrics.json" of many runs differ by their folder only.
std::string name_of(const Path& file) {
  const auto stem = file.stem().string();
  const bool telling = stem != "metrics" && stem != "results" && stem != "result" && stem != "evaluation";
  const auto folder = file.has_parent_path() ? file.parent_path().filename().string() : std::string();
  return telling || folder.empty() || folder == "." ? stem : folder;
}

void require_shares(const RecordedRun& run, const std::string& where) {
  for (const auto& [name, figure] : run.figures) {
    if (figure.value >= 0 && figure.value <= 1) continue;
    if (figure.value > 1 && figure.value <= 100) {
      throw Error("{}: {} of '{}' is {}, more than 1; of percentages say --percent, or write '%' behind them", where, name, run.name, figure.value);
    }
    throw Error("{}: {} of '{}' is {}; a share between 0 and 1 is wanted", where, name, run.name, figure.value);
  }
}

/// With one right track per case the hit rate is the recall.
void hits_as_recalls(RecordedRun& run, const std::string& where) {
  for (auto it = run.figures.begin(); it != run.figures.end();) {
    if (!it->first.starts_with("hit@")) {
      ++it;
      continue;
    }
    const auto name = "recall" + it->first.substr(3);
    const auto [recall, fresh] = run.figures.try_emplace(name, it->second);
    if (!fresh && std::abs(recall->second.value - it->second.value) > 1.01 * std::pow(10.0, -std::min(recall->second.digits, it->second.digits))) {
      throw Error("{}: {} of '{}' is {} and the hit rate {}: several tracks are right per case, and only results with one can be judged", where, name,
                  run.name, recall->second.value, it->second.value);
    }
    it = run.figures.erase(it);
  }
}

/// Zeros at the end of a number are often not printed, so a metric has the digits of its longest figure in the file.
void share_digits(std::vector<RecordedRun>& runs) {
  std::map<std::string, int> digits;
  for (const auto& run : runs) {
    for (const auto& [name, figure] : run.figures) {
      auto& most = digits[metric_of_name(name)];
      most = std::max(most, figure.digits);
    }
  }
  for (auto& run : runs) {
    for (auto& [name, figure] : run.figures) figure.digits = digits[metric_of_name(name)];
  }
}

std::vector<RecordedRun> runs_of(const RecordedText& from) {
  if (from.text.front() == '{' || from.text.front() == '[') return runs_of_json(from);
  if (lower_ascii(from.text).find("test result") != std::string::npos) return runs_of_log(from);
  auto runs = runs_of_table(from);
  return runs.empty() ? runs_of_listing(from) : runs;
}

}  // namespace

std::vector<RecordedRun> read_recorded(const Path& file, bool percent) {
  const std::string bytes = read_file(file);
  const RecordedText from{trimmed(without_mark(bytes)), file.string(), name_of(file), percent};
  if (from.text.empty()) throw Error("{}: the file is empty; wanted are results, as in docs/audit.md", from.where);
  auto runs = runs_of(from);
  std::erase_if(runs, [](const RecordedRun& run) { return run.figures.empty(); });
  if (runs.empty()) {
    throw Error("{}: no metric is known in it; wanted are e.g. Recall@10, HR@10 or NDCG@10 in a table, a log of RecBole, JSON or E4SRec's result text",
                from.where);
  }
  share_digits(runs);
  for (auto& run : runs) {
    require_shares(run, from.where);
    hits_as_recalls(run, from.where);
  }
  return runs;
}

}  // namespace segue
