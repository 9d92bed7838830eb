#include "evaluation/rank_file.h"

#include "core/error.h"

namespace segue {
namespace {

/// Column names of measures that are not derived from a place.
std::vector<std::string> value_columns(const Questions& q) {
  std::vector<std::string> names;
  if (q.relevant.empty()) return names;
  for (const auto& row : measures()) names.push_back(row.name);
  return names;
}

void require_questions(const Path& path, const Questions& q, Table& table) {
  const auto& number = values<int32_t>(table, "case");
  const auto& target = values<int64_t>(table, "target");
  const size_t n = q.cases.size();
  bool same = !number.empty() && number.size() % n == 0;
  for (size_t row = 0; same && row < number.size(); ++row) {
    same = static_cast<size_t>(number[row]) == row % n && target[row] == q.cases[row % n].target;
  }
  if (!same) throw Error("{}: does not answer the {} cases of this protocol; remove the folder to have them asked again", path.string(), n);
}

}  // namespace

void RankFile::add(const std::string& ranker, const Questions& q, const Answers& answers) {
  Texts name;
  std::vector<int32_t> number, who, track, above, level, above_all, level_all;
  std::vector<int64_t> target;
  Flags repeat, start;
  for (size_t c = 0; c < q.cases.size(); ++c) {
    name.push_back(ranker);
    number.push_back(static_cast<int32_t>(c));
    who.push_back(q.cases[c].listener);
    target.push_back(q.cases[c].target);
    track.push_back(q.log.track[static_cast<size_t>(q.cases[c].target)]);
    above.push_back(answers.catalogue[c].above);
    level.push_back(answers.catalogue[c].level);
    above_all.push_back(answers.everything[c].above);
    level_all.push_back(answers.everything[c].level);
    repeat.push_back(q.info[c].repeat);
    start.push_back(q.info[c].start);
  }
  Table table{{"ranker", std::move(name)}, {"case", std::move(number)}, {"listener", std::move(who)}, {"target", std::move(target)},
              {"track", std::move(track)}, {"above", std::move(above)}, {"level", std::move(level)}, {"above_everything", std::move(above_all)},
              {"level_everything", std::move(level_all)}, {"repeat", std::move(repeat)}, {"start", std::move(start)}};
  const auto names = value_columns(q);
  for (size_t m = 0; m < names.size(); ++m) {
    std::vector<double> column;
    for (const auto& of_case : answers.values) column.push_back(of_case[m]);
    table.push_back({names[m], std::move(column)});
  }
  writer_.write(table);
}

std::vector<RankerPlaces> read_ranks(const Path& path, const Questions& q, bool everything) {
  const auto measured = everything ? std::vector<std::string>() : value_columns(q);
  std::vector<std::string> columns{"ranker", "case", "target", everything ? "above_everything" : "above", everything ? "level_everything" : "level"};
  columns.insert(columns.end(), measured.begin(), measured.end());
  Table table = read_table(path, columns);
  require_questions(path, q, table);
  const Texts& name = texts(table, "ranker");
  const auto& above = values<int32_t>(table, columns[3]);
  const auto& level = values<int32_t>(table, columns[4]);
  std::vector<RankerPlaces> all;
  for (size_t row = 0; row < above.size(); ++row) {
    if (row % q.cases.size() == 0) all.push_back({.name = std::string(name[row]), .places = {}, .lists = {}, .note = ""});
    all.back().places.push_back({above[row], level[row]});
    if (!measured.empty()) all.back().values.emplace_back();
  }
  for (const auto& measure : measured) {
    const auto& column = values<double>(table, measure);
    for (size_t row = 0; row < column.size(); ++row) all[row / q.cases.size()].values[row % q.cases.size()].push_back(column[row]);
  }
  return all;
}

}  // namespace segue
