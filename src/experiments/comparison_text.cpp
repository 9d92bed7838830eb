#include "experiments/comparison_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/console.h"
#include "core/progress.h"
#include "evaluation/findings.h"
#include "evaluation/json.h"
#include "evaluation/text.h"
#include "experiments/audit_text.h"
#include "experiments/conclusions.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

/// "+ + − +", a sign for every seed.
std::string signs_of(const SeededPair& one) {
  std::string out;
  for (const auto& [seed, difference] : one.by_seed) out += difference > 0 ? "+" : difference < 0 ? "−" : "0";
  return out;
}

Json seeds_json(const std::map<uint64_t, double>& by_seed) {
  Json out = Json::object();
  for (const auto& [seed, value] : by_seed) out[std::to_string(seed)] = value;
  return out;
}

Json pairs_json(const Comparison& comparison) {
  Json all = Json::array();
  for (const auto& family : comparison.families) {
    for (const auto& one : family.pairs) {
      const auto& p = one.pair;
      all.push_back({{"family", family.name}, {"a", valid_utf8(p.a)}, {"b", valid_utf8(p.b)}, {"metric", p.metric}, {"factor", valid_utf8(one.factor)}, {"slice", one.slice}, {"difference", p.difference},
                     {"low", p.low}, {"high", p.high}, {"p", p.p}, {"p_holm", p.p_holm}, {"by_seed", seeds_json(one.by_seed)},
                     {"same_sign", one.same_sign}, {"claimed", one.claimed}, {"why_not", one.why_not}});
    }
  }
  return all;
}

/// A table that a terminal or Markdown shows: what names its rows stands on the left.
TextTable table_of(std::vector<std::string> headings, const std::vector<std::vector<std::string>>& rows) {
  headings.front() = "<" + headings.front();
  TextTable table(headings);
  for (const auto& row : rows) table.row(row);
  return table;
}

TextTable family_table(const Family& family) {
  auto headings = family_headings();
  headings.back() = "<" + headings.back();
  return table_of(std::move(headings), family_rows(family));
}

const char* const cost_title = "What one seed took, in the mean";

}  // namespace

nlohmann::ordered_json comparison_json(const Comparison& comparison) {
  Json out = evaluation_json(comparison.evaluation);
  for (auto& ranker : out["rankers"]) {
    const auto name = ranker["name"].get<std::string>();
    const auto variant = comparison.variant_of.find(name);
    if (variant != comparison.variant_of.end()) ranker["variant"] = variant->second;
    Json by_seed = Json::object();
    const auto found = comparison.by_seed.find(name);
    if (found != comparison.by_seed.end()) {
      for (const auto& [seed, metrics] : found->second) by_seed[std::to_string(seed)] = metrics;
    }
    ranker["by_seed"] = by_seed;
  }
  out["pairs"] = pairs_json(comparison);
  out["cost"] = Json::object();
  for (const auto& [name, cost] : comparison.cost) {
    out["cost"][name] = {{"learning_s", cost.learning_s}, {"asking_s", cost.asking_s}, {"memory_bytes", cost.memory_bytes}};
  }
  for (const auto& audit : comparison.recorded) out["recorded"].push_back(audit_json(audit, {}));
  out["seeds"] = comparison.seeds;
  out["variants"] = comparison.settings;
  out["claims"] = conclusions(comparison);
  out["failed"] = Json::array();
  for (const auto& failed : comparison.failed) {
    out["failed"].push_back({{"name", failed.name}, {"seed", failed.seed}, {"reason", valid_utf8(failed.reason)}});
  }
  return out;
}

std::vector<std::string> family_headings() { return {"difference", "metric", "mean", "95 %", "p", "Holm", "by seed", "claim"}; }

std::vector<std::vector<std::string>> family_rows(const Family& family) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : family.pairs) {
    const auto& p = one.pair;
    const std::string of = one.factor.empty() ? "" : one.factor + ": ";
    rows.push_back({fmt::format("{}{} − {}", of, p.a, p.b), one.slice.empty() ? p.metric : fmt::format("{}, {}", p.metric, one.slice), fmt::format("{:+.4f}", p.difference), fmt::format("[{:+.4f}, {:+.4f}]", p.low, p.high),
                    fmt::format("{:.4f}", p.p), fmt::format("{:.4f}", p.p_holm), signs_of(one), one.claimed ? "yes" : one.why_not});
  }
  return rows;
}

std::string family_title(const Family& family) {
  static const std::map<std::string, const char*> titles{{"worth", "What the models are worth: each mix against its parts"},
                                                         {"slices", "By slice: each mix against the counters"},
                                                         {"variants", "One variant against another"},
                                                         {"effects", "By slice: each variant against the first"},
                                                         {"matched", "Cells of the grid that differ in one thing, from its first value"},
                                                         {"factors", "What each value adds to the first of its kind, over all cells of the grid"}};
  return fmt::format("{}: {} tests, corrected together", titles.at(family.name), family.pairs.size());
}

std::vector<std::string> cost_headings() { return {"variant or ranker", "learning", "asking", "memory, GiB", "ndcg@10 alone", "mixed"}; }

std::vector<std::vector<std::string>> cost_rows(const Comparison& comparison) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, cost] : comparison.cost) {
    std::vector<std::string> row{name, cost.learning_s < 1 ? "" : clock_time(cost.learning_s), clock_time(cost.asking_s),
                                 cost.memory_bytes == 0 ? "" : fmt::format("{:.2f}", std::ldexp(static_cast<double>(cost.memory_bytes), -30)), "", ""};
    for (const auto& ranker : comparison.evaluation.rankers) {
      const auto variant = comparison.variant_of.find(ranker.name);
      if (variant == comparison.variant_of.end() ? ranker.name != name : variant->second != name) continue;
      row[ranker.mixed ? 5 : 4] = fmt::format("{:.4f}", ranker.all.metrics.at(headline).mean);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> remarks_of(const Comparison& comparison) {
  auto lines = conclusions(comparison);
  for (const auto& audit : comparison.recorded) {
    for (const auto& line : audit_statement(audit)) lines.push_back("recorded by others: " + line);
  }
  for (const auto& [name, words] : comparison.settings) lines.push_back(fmt::format("{}: {}", name, words));
  for (const auto& failed : comparison.failed) lines.push_back(fmt::format("failed: {}, seed {}: {}", failed.name, failed.seed, failed.reason));
  const auto& rankers = comparison.evaluation.rankers;
  if (std::any_of(rankers.begin(), rankers.end(), near_chance)) lines.push_back("~ recall@10 or ndcg@10 is inside the interval of chance: guessing could have given it");
  for (const auto& ranker : rankers) {
    if (ranker.note.find("seeds have a result") != std::string::npos) lines.push_back(ranker.name + ": " + ranker.note.substr(0, ranker.note.find(';')));
  }
  return lines;
}

std::string comparison_text(const Comparison& comparison) {
  std::string out = facts_text(comparison.evaluation) + '\n' + evaluation_table(comparison.evaluation).text() + '\n';
  for (const auto& family : comparison.families) out += family_title(family) + "\n\n" + family_table(family).text() + '\n';
  if (!comparison.cost.empty()) out += fmt::format("{}\n\n{}\n", cost_title, table_of(cost_headings(), cost_rows(comparison)).text());
  for (const auto& audit : comparison.recorded) out += fmt::format("{}\n\n{}\n", recorded_title, table_of(recorded_headings(audit), recorded_rows(audit)).text());
  for (const auto& line : remarks_of(comparison)) out += printable(line) + '\n';
  return out;
}

std::string comparison_markdown(const Comparison& comparison) {
  std::string out = facts_markdown(comparison.evaluation) + '\n' + evaluation_table(comparison.evaluation).markdown() + '\n';
  for (const auto& family : comparison.families) out += family_title(family) + "\n\n" + family_table(family).markdown() + '\n';
  if (!comparison.cost.empty()) out += fmt::format("{}\n\n{}\n", cost_title, table_of(cost_headings(), cost_rows(comparison)).markdown());
  for (const auto& audit : comparison.recorded) out += fmt::format("{}\n\n{}\n", recorded_title, table_of(recorded_headings(audit), recorded_rows(audit)).markdown());
  for (const auto& line : remarks_of(comparison)) out += fmt::format("* {}\n", markdown_text(line));
  return out;
}

}  // namespace segue
