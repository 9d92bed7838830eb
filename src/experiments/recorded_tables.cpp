#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "core/csv_reader.h"
#include "core/error.h"
#include "core/text_stream.h"
#include "evaluation/metrics.h"
#include "experiments/recorded_results.h"

namespace segue {
namespace {

/// Whether a line only rules a table: "|---|:--:|", "+====+".
bool is_rule(std::string_view line) { return line.find_first_not_of("-=:|+ \t\r") == std::string_view::npos; }

struct Heading {
  size_t at = 0;  // where its line begins
  char divider = ',';
};

std::vector<std::string> cells_of(const std::vector<std::string_view>& fields, char divider) {
  std::vector<std::string> cells;
  for (const auto field : fields) cells.emplace_back(trimmed(field));
  if (divider == '|' && !cells.empty() && cells.front().empty()) cells.erase(cells.begin());
  if (divider == '|' && !cells.empty() && cells.back().empty()) cells.pop_back();
  return cells;
}

std::optional<Heading> find_heading(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    for (const char divider : {'|', '\t', ',', ';'}) {
      TextStream line(text.substr(at, end - at));
      CsvReader reader(line, divider);
      std::vector<std::string_view> fields;
      if (!reader.next(fields) || fields.size() < 2) continue;
      if (std::any_of(fields.begin(), fields.end(), [](auto field) { return figure_name(field).has_value(); })) return Heading{at, divider};
    }
    at = end + 1;
  }
  return std::nullopt;
}

/// Columns in front of the first metric name the run.
RecordedRun run_of_row(const std::vector<std::string>& heads, const std::vector<std::string>& cells, const RecordedText& from) {
  RecordedRun run;
  bool naming = true;
  for (size_t c = 0; c < heads.size(); ++c) {
    const auto head = lower_ascii(heads[c]);
    if (const auto name = figure_name(heads[c])) {
      naming = false;
      if (const auto figure = figure_of(cells[c], from.percent || name->percent)) run.figures[name->key()] = *figure;
      else if (cells[c].find_first_of("0123456789") != std::string::npos) throw Error("{}: '{}' under {} is no number", from.where, cells[c], heads[c]);
    } else if (head == "cases") {
      run.cases = count_in(cells[c]);
    } else if (head == "candidates") {
      run.candidates = count_in(cells[c]);
    } else if (naming && !cells[c].empty()) {
      run.name += (run.name.empty() ? "" : " ") + cells[c];
    }
  }
  if (run.name.empty()) run.name = from.name;
  return run;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (line = trimmed(line); !line.empty();) {
    const size_t end = std::min(line.find_first_of(" \t"), line.size());
    words.push_back(line.substr(0, end));
    line = trimmed(line.substr(end));
  }
  return words;
}

/// What the columns of the table that is being read are: metrics (rows are cuts) or cuts (rows are metrics).
struct Columns {
  std::vector<std::string> metrics;
  std::vector<int> cuts;
};

/// "Precision Recall MRR" or "Metric Top-1 Top-5".
std::optional<Columns> columns_of(const std::vector<std::string_view>& words) {
  Columns columns;
  for (size_t i = 0; i < words.size(); ++i) {
    if (const auto metric = metric_name(words[i])) columns.metrics.push_back(*metric);
    else if (const auto k = cut_of(words[i])) columns.cuts.push_back(*k);
    else if (i > 0) return std::nullopt;
  }
  const bool one_kind = columns.metrics.empty() != columns.cuts.empty();
  return one_kind && columns.metrics.size() + columns.cuts.size() >= 2 ? std::optional(columns) : std::nullopt;
}

void add_row(RecordedRun& run, const Columns& columns, const std::vector<std::string_view>& words, bool percent) {
  const auto k = cut_of(words[0]);
  const auto metric = metric_name(words[0]);
  const size_t wanted = k ? columns.metrics.size() : metric ? columns.cuts.size() : 0;
  if (wanted == 0 || words.size() != wanted + 1) return;
  for (size_t i = 0; i < wanted; ++i) {
    const auto figure = figure_of(words[i + 1], percent);
    const FigureName name = k ? FigureName{columns.metrics[i], *k} : FigureName{*metric, columns.cuts[i]};
    if (figure) run.figures[name.key()] = *figure;
  }
}

/// "Recall: [0.01 0.02 0.05 0.1 0.5]" are the five cuts.
bool add_array(RecordedRun& run, std::string_view line, bool percent) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  const auto metric = metric_name(line.substr(0, colon));
  std::string inside(trimmed(line.substr(colon + 1)));
  if (!metric || !inside.starts_with('[') || !inside.ends_with(']')) return false;
  std::replace(inside.begin(), inside.end(), ',', ' ');
  const auto words = words_of(std::string_view(inside).substr(1, inside.size() - 2));
  if (words.size() != cuts().size()) return false;
  for (size_t i = 0; i < words.size(); ++i) {
    if (const auto figure = figure_of(words[i], percent)) run.figures.try_emplace(FigureName{*metric, cuts()[i]}.key(), *figure);
  }
  return true;
}

}  // namespace

std::vector<RecordedRun> runs_of_table(const RecordedText& from) {
  const auto heading = find_heading(from.text);
  if (!heading) return {};
  TextStream stream(from.text.substr(heading->at));
  CsvReader reader(stream, heading->divider);
  std::vector<std::string_view> fields;
  reader.next(fields);
  const auto heads = cells_of(fields, heading->divider);
  std::vector<RecordedRun> runs;
  while (reader.next(fields)) {
    if (is_rule(reader.text())) continue;
    if (heading->divider == '|' && fields.size() == 1) break;  // the text goes on behind the table
    const auto cells = cells_of(fields, heading->divider);
    if (cells.size() != heads.size()) {
      throw Error("{}: row {} has {} columns and the heading {}", from.where, runs.size() + 1, cells.size(), heads.size());
    }
    runs.push_back(run_of_row(heads, cells, from));
  }
  return runs;
}

std::vector<RecordedRun> runs_of_listing(const RecordedText& from) {
  RecordedRun run;
  run.name = from.name;
  Columns columns;
  std::istringstream lines{std::string(from.text)};
  for (std::string line; std::getline(lines, line);) {
    const auto words = words_of(line);
    if (words.empty() || add_array(run, line, from.percent)) continue;
    if (const auto found = columns_of(words)) columns = *found;
    else add_row(run, columns, words, from.percent);
    for (const auto& [name, figure] : figures_in(line, from.percent)) run.figures[name.key()] = figure;
    const auto lower = lower_ascii(trimmed(line));
    if (lower.starts_with("cases:")) run.cases = count_in(lower.substr(6));
    if (lower.starts_with("candidates:")) run.candidates = count_in(lower.substr(11));
  }
  return {run};
}

}  // namespace segue
