#include "evaluation/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/console.h"
#include "evaluation/findings.h"

namespace segue {
namespace {

std::string mean_of(const Metrics& metrics, const std::string& name) {
  const auto found = metrics.find(name);
  return found == metrics.end() ? "–" : fmt::format("{:.4f}", found->second.mean);
}

std::string interval_of(const Metrics& metrics) {
  const auto found = metrics.find(headline);
  return found == metrics.end() ? "–" : fmt::format("[{:.4f}, {:.4f}]", found->second.low, found->second.high);
}

std::string slice_of(const RankerResult& ranker, const std::string& slice) {
  const auto found = ranker.slices.find(slice);
  return found == ranker.slices.end() ? "–" : mean_of(found->second.metrics, headline);
}

std::vector<std::string> remarks(const Evaluation& evaluation) {
  std::vector<std::string> lines{"repeat, new, start, within: ndcg@10 of the cases whose track was played before or not, "
                                 "that open a session or not"};
  if (std::any_of(evaluation.rankers.begin(), evaluation.rankers.end(), near_chance)) {
    lines.push_back("~ recall@10 or ndcg@10 is inside the interval of chance: guessing could have given it");
  }
  for (auto& line : verdict(evaluation)) lines.push_back(std::move(line));
  for (const auto& ranker : evaluation.rankers) {
    if (!ranker.note.empty()) lines.push_back(fmt::format("{}: {}", ranker.name, ranker.note.substr(0, ranker.note.find(';'))));  // the weights are in the page
  }
  return lines;
}

}  // namespace

TextTable evaluation_table(const Evaluation& evaluation) {
  TextTable table({"<ranker", "recall@10", "ndcg@10", "95 %", "mrr@10", "repeat", "new", "start", "within", "seconds"});
  for (const size_t i : best_first(evaluation)) {
    const auto& ranker = evaluation.rankers[i];
    const auto& all = ranker.all.metrics;
    table.row({ranker.name + (near_chance(ranker) ? " ~" : ""), mean_of(all, "recall@10"), mean_of(all, headline),
               interval_of(all), mean_of(all, "mrr@10"), slice_of(ranker, "repeat"), slice_of(ranker, "new"),
               slice_of(ranker, "start"), slice_of(ranker, "within"), fmt::format("{:.1f}", ranker.seconds)});
  }
  table.rule();
  table.row({"chance", mean_of(evaluation.chance, "recall@10"), mean_of(evaluation.chance, headline),
             interval_of(evaluation.chance), mean_of(evaluation.chance, "mrr@10")});
  return table;
}

std::string facts_text(const Evaluation& evaluation) {
  std::string out;
  for (const auto& [label, value] : protocol_facts(evaluation)) out += printable(fmt::format("{:<11}{}", label, value)) + '\n';
  return out;
}

std::string facts_markdown(const Evaluation& evaluation) {
  TextTable protocol({"<protocol", "<" + evaluation.protocol.name});
  for (const auto& [label, value] : protocol_facts(evaluation)) {
    if (label != "protocol") protocol.row({label, value});
  }
  return protocol.markdown();
}

std::string evaluation_text(const Evaluation& evaluation) {
  std::string out = facts_text(evaluation) + '\n' + evaluation_table(evaluation).text() + '\n';
  for (const auto& line : remarks(evaluation)) out += printable(line) + '\n';
  return out;
}

std::string evaluation_markdown(const Evaluation& evaluation) {
  std::string out = facts_markdown(evaluation) + '\n' + evaluation_table(evaluation).markdown() + '\n';
  for (const auto& line : remarks(evaluation)) out += fmt::format("* {}\n", markdown_text(line));
  return out;
}

}  // namespace segue
