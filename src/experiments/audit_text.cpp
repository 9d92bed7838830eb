#include "experiments/audit_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/console.h"
#include "core/error.h"
#include "evaluation/findings.h"

namespace segue {
namespace {

std::string p_text(double p) {
  if (p < 1e-300) return "<1e-300";
  return p < 0.0001 ? fmt::format("{:.0e}", p) : fmt::format("{:.4f}", p);
}

/// "−", "" or "+": below, inside or above what guessing gives.
const char* sign_of(Verdict verdict) { return verdict == Verdict::below ? "−" : verdict == Verdict::above ? "+" : ""; }

std::string hits_text(const FigureAudit& recall) {
  if (!recall.hits) return fmt::format("?{}", sign_of(recall.verdict));
  if (recall.hits->low == recall.hits->high) return fmt::format("{}{}", recall.hit, sign_of(recall.verdict));
  return fmt::format("{}..{}{}", recall.hits->low, recall.hits->high, sign_of(recall.verdict));
}

std::string figure_text(const FigureAudit& figure) {
  return figure.metric == "recall" ? fmt::format("{:.4f} {:>5}", figure.value, hits_text(figure)) : fmt::format("{:.4f}{}", figure.value, sign_of(figure.verdict));
}

/// Columns of the table of runs: all recalls, and the rank metrics at 5, 10 and 20.
std::vector<std::string> columns_of(const Audit& audit) {
  std::vector<const FigureAudit*> all;
  for (const auto& run : audit.runs) {
    for (const auto& figure : run.figures) {
      const bool shown = figure.metric == "recall" || (figure.metric == "ndcg" && figure.k >= 5 && figure.k <= 20);
      if (shown && std::none_of(all.begin(), all.end(), [&](const auto* other) { return other->name == figure.name; })) all.push_back(&figure);
    }
  }
  std::sort(all.begin(), all.end(), [](const auto* a, const auto* b) { return a->metric != b->metric ? a->metric > b->metric : a->k < b->k; });
  std::vector<std::string> names;
  for (const auto* figure : all) names.push_back(figure->name);
  return names;
}

/// What guessing gives, where all runs have as many cases and candidates.
std::vector<std::string> chance_row(const Audit& audit, const std::vector<std::string>& columns) {
  std::vector<std::string> cells{"guessing"};
  for (const auto& name : columns) {
    const FigureAudit* any = nullptr;
    for (const auto& run : audit.runs) any = any == nullptr ? run.figure(name) : any;
    cells.push_back(any->metric == "recall" ? fmt::format("{:.4f} {}–{}", any->expected, any->region.low, any->region.high)
                                            : fmt::format("{:.4f} {:.4f}–{:.4f}", any->expected, any->low, any->high));
  }
  cells.push_back("");
  return cells;
}

/// Whether guessing gives all runs the same.
bool alike(const Audit& audit) {
  const auto& first = audit.runs.front();
  return std::all_of(audit.runs.begin(), audit.runs.end(), [&](const auto& run) { return run.cases == first.cases && run.candidates == first.candidates; });
}

TextTable runs_table(const Audit& audit) {
  auto headings = recorded_headings(audit);
  headings.front() = "<" + headings.front();
  TextTable table(headings);
  const auto rows = recorded_rows(audit);
  for (size_t r = 0; r < rows.size(); ++r) {
    if (r == audit.runs.size()) table.rule();
    table.row(rows[r]);
  }
  return table;
}

TextTable pooled_table(const Audit& audit) {
  TextTable table({"<all runs", "runs", "hits", "expected", "recall", "z", "p", "spread", "best hits", "that good by luck"});
  for (const auto& pool : audit.pooled) {
    table.row({fmt::format("recall@{}", pool.k), fmt::format("{}", pool.runs), grouped(pool.hits), fmt::format("{:.1f}", pool.expected),
               fmt::format("{:.4f}", static_cast<double>(pool.hits) / static_cast<double>(pool.cases)), fmt::format("{:+.1f}", pool.z), p_text(pool.p), fmt::format("{:.2f}", pool.spread),
               fmt::format("{}", pool.best_hits), p_text(pool.best_p)});
  }
  return table;
}

std::string percent_text(const Gain& gain) { return gain.from > 0 ? fmt::format("{:+.0f} %", 100 * (gain.to / gain.from - 1)) : "–"; }

/// The gains of one recall, with the NDCG at the same cut beside.
std::string gains_text(const Audit& audit, const std::string& metric) {
  const auto of = [&](const std::string& run, const std::string& name) {
    return std::find_if(audit.gains.begin(), audit.gains.end(), [&](const auto& gain) { return gain.run == run && gain.metric == name; });
  };
  const std::string beside = "ndcg" + metric.substr(metric.find('@'));
  TextTable table({"<against " + audit.baseline, metric, "gain", "hits", "s.e.", "p", "Holm", beside, "gain", "±95 % of luck"});
  for (const auto& run : audit.runs) {
    const auto recall = of(run.run.name, metric), ndcg = of(run.run.name, beside);
    if (recall == audit.gains.end()) continue;
    const bool with_ndcg = ndcg != audit.gains.end();
    table.row({run.run.name, fmt::format("{:.4f} → {:.4f}", recall->from, recall->to), percent_text(*recall), fmt::format("{} → {}", recall->from_hits, recall->to_hits),
               fmt::format("{:.4f}", recall->error), p_text(recall->p), p_text(recall->p_holm), with_ndcg ? fmt::format("{:.4f} → {:.4f}", ndcg->from, ndcg->to) : "–",
               with_ndcg ? percent_text(*ndcg) : "–", with_ndcg && ndcg->error > 0 && ndcg->from > 0 ? fmt::format("{:.0f} %", 100 * 1.96 * ndcg->error / ndcg->from) : "–"});
  }
  return table.text();
}

std::string shown_metric(const Audit& audit, const std::string& wanted) {
  const auto has = [&](const std::string& name) {
    return std::any_of(audit.gains.begin(), audit.gains.end(), [&](const auto& gain) { return gain.metric == name; });
  };
  if (!wanted.empty() && (!wanted.starts_with("recall@") || !has(wanted))) throw Error("--metric {}: no two runs have it; a recall of the table is wanted, e.g. recall@10", wanted);
  if (!wanted.empty()) return wanted;
  if (has("recall@10")) return "recall@10";
  const auto any = std::find_if(audit.gains.begin(), audit.gains.end(), [](const auto& gain) { return gain.metric.starts_with("recall@"); });
  return any == audit.gains.end() ? "" : any->metric;
}

}  // namespace

std::vector<std::string> recorded_headings(const Audit& audit) {
  std::vector<std::string> headings{"run"};
  const auto columns = columns_of(audit);
  headings.insert(headings.end(), columns.begin(), columns.end());
  headings.push_back("smallest p");
  return headings;
}

std::vector<std::vector<std::string>> recorded_rows(const Audit& audit) {
  const auto columns = columns_of(audit);
  std::vector<std::vector<std::string>> rows;
  for (const auto& run : audit.runs) {
    std::vector<std::string> cells{run.run.name};
    if (!alike(audit)) cells.front() += fmt::format(" ({} cases, {} candidates)", run.cases, run.candidates);
    double smallest = 2;
    for (const auto& name : columns) {
      const auto* figure = run.figure(name);
      cells.push_back(figure == nullptr ? "–" : figure_text(*figure));
      if (figure != nullptr && figure->metric == "recall") smallest = std::min(smallest, figure->p);
    }
    cells.push_back(smallest > 1 ? "–" : p_text(smallest));
    rows.push_back(std::move(cells));
  }
  if (alike(audit)) rows.push_back(chance_row(audit, columns));
  return rows;
}

std::vector<std::string> audit_statement(const Audit& audit) {
  std::vector<std::string> lines;
  const auto runs = audit.runs.size();
  if (audit.tests == 0) return {"no recall is recorded, so nothing is tested exactly"};
  lines.push_back(fmt::format("{} of {} run(s) have a recall that guessing gives in less than 5 % of cases (two-sided); the smallest p is {} ({}, {})", audit.surprising, runs,
                              p_text(audit.smallest_p), audit.smallest_run, audit.smallest_figure));
  lines.push_back(fmt::format("corrected over all {} recalls (Holm): {} of {} run(s) differ from guessing; over the runs alone (Bonferroni, level {:.5f}): {}", audit.tests, audit.left_by_holm,
                              runs, audit.level, audit.left_by_runs));
  if (audit.left_by_holm == 0 && audit.left_by_runs == 0) {
    lines.push_back("it would explain these figures that the runs rank at random, as with a head that was never trained");
  }
  const auto claims = std::count_if(audit.gains.begin(), audit.gains.end(), [](const auto& gain) { return gain.metric.starts_with("recall@"); });
  const auto held = std::count_if(audit.gains.begin(), audit.gains.end(), [](const auto& gain) { return gain.metric.starts_with("recall@") && gain.p_holm < significance; });
  if (claims > 0) lines.push_back(fmt::format("against {}: {} of {} recalls differ (Fisher's exact test, Holm over all of them; not paired, for no cases are recorded)", audit.baseline, held, claims));
  return lines;
}

std::string audit_text(const Audit& audit, const std::optional<Split>& split, const std::string& metric) {
  const auto& first = audit.runs.front();
  std::string out = fmt::format("{} run(s); {} cases, {} candidates. Beside each recall its hits; + and −: outside the central 95 % of guessing\n\n{}\n", audit.runs.size(), grouped(first.cases),
                                grouped(first.candidates), runs_table(audit).text());
  if (!audit.pooled.empty()) out += pooled_table(audit).text() + '\n';
  const auto shown = shown_metric(audit, metric);
  if (!shown.empty()) out += gains_text(audit, shown) + '\n';
  for (const auto& line : audit_statement(audit)) out += printable(line) + '\n';
  for (const auto& run : audit.runs) {
    for (const auto& note : run.run.notes) out += printable(fmt::format("{}: {}", run.run.name, note)) + '\n';
    for (const auto& finding : run.findings) out += printable(fmt::format("{}: {}", run.run.name, finding.text)) + '\n';
  }
  if (!split) return out;
  out += '\n' + split_text(*split);
  for (const auto& line : beside_counters(audit, *split)) out += printable(line) + '\n';
  return out;
}

}  // namespace segue
