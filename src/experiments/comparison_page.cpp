#include "experiments/comparison_page.h"

#include <fmt/format.h>

#include "core/console.h"
#include "evaluation/findings.h"
#include "evaluation/page_sections.h"
#include "evaluation/page_tables.h"
#include "evaluation/slices.h"
#include "experiments/audit_text.h"
#include "experiments/comparison_figures.h"
#include "experiments/comparison_text.h"
#include "experiments/conclusions.h"
#include "experiments/difference_figure.h"

namespace segue {
namespace {

std::string opening(const Comparison& comparison) {
  const auto& evaluation = comparison.evaluation;
  const auto& p = evaluation.protocol;
  const auto& best = evaluation.rankers[best_first(evaluation).front()];
  const auto found = best.all.metrics.at("recall@10");
  const size_t variants = comparison.settings.size(), seeds = comparison.seeds.size();
  return fmt::format("<p class=\"kicker\">Segue · comparison</p>\n<h1>What is a sequence model worth?</h1>\n"
                     "<p class=\"lede\">{} {} of models, each trained from {} {}, beside the rankers that only count. The best of all, "
                     "<strong>{}</strong>, had the right track among its first ten in {} of the cases. Guessing would have had it in {}.</p>\n"
                     "<dl class=\"stats\">{}{}{}</dl>\n",
                     variants, variants == 1 ? "variant" : "variants", seeds, seeds == 1 ? "seed" : "seeds", html_text(best.name), percent(found.mean),
                     percent(evaluation.chance.at("recall@10").mean), stat(grouped(std::ssize(comparison.variant_of)), "rows of trained models and their mixes"),
                     stat(grouped(static_cast<int64_t>(seeds)), seeds == 1 ? "seed" : "seeds"),
                     stat(grouped(p.cases), fmt::format("questions, from {} {}", grouped(p.listeners), p.listeners == 1 ? "listener" : "listeners")));
}

std::string list_of(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += "<li>" + html_text(line) + "</li>\n";
  return out.empty() ? out : "<ul>" + out + "</ul>\n";
}

std::string panel(const std::string& title, const std::string& figure) { return figure.empty() ? figure : "<div><h3>" + title + "</h3>" + figure + "</div>"; }

std::string worth_section(const Comparison& comparison) {
  const std::string panels = panel("the mix minus the counters mixed without it", difference_figure("worth-counters", worth_rows(comparison, headline, "counters"))) +
                             panel("the mix minus the model alone", difference_figure("worth-alone", worth_rows(comparison, headline, "")));
  if (panels.empty()) return {};
  return fmt::format("<section><h2>What each model adds</h2>\n<p>All of a pair answered the same questions under the same seeds. To the right of the dashed "
                     "line the mix is ahead, in ndcg@10.</p>\n<figure><div class=\"two\">{}</div>\n<figcaption>Pale lines: 95 %, listeners and seeds drawn "
                     "together. Small strokes: one seed each. Filled: a claim, that is p below {:g} after Holm's correction, the same sign in every seed and at "
                     "least {} of them; hollow: no claim.</figcaption></figure>\n{}</section>\n",
                     panels, significance, seeds_of_a_claim, list_of(conclusions(comparison)));
}

/// What each thing that is varied does, slice by slice.
std::string effect_section(const Comparison& comparison) {
  std::vector<std::string> where{""};
  for (const auto& [name, belongs] : slices()) where.push_back(name);
  std::string panels;
  for (const auto& slice : where) {
    for (const bool mixed : {true, false}) {
      const std::string title = (slice.empty() ? "all cases" : slice) + (mixed ? ", mixed with the counters" : ", the model alone");
      panels += panel(title, difference_figure(fmt::format("effect-{}-{}", slice.empty() ? "all" : slice, mixed ? "mixed" : "alone"), effect_rows(comparison, slice, mixed)));
    }
  }
  if (panels.empty()) return {};
  return "<section><h2>What each part does</h2>\n<p>Against the first of its kind, all else being equal, in ndcg@10. To the right it helps.</p>\n<figure><div class=\"two\">" + panels +
         "</div></figure>\n</section>\n";
}

std::string cost_section(const Comparison& comparison) {
  const std::string curves = panel("ndcg@10 on validation while learning", curve_figure(comparison)), cost = panel("ndcg@10 by time", cost_figure(comparison));
  if (curves.empty() && cost.empty()) return {};
  const std::string table = comparison.cost.empty() ? "" : "<figure>" + html_table("One seed, in the mean", cost_headings(), cost_rows(comparison)) + "</figure>";
  return fmt::format("<section><h2>What it takes</h2>\n<figure><div class=\"two\">{}{}</div>\n<figcaption>Discs: models alone; diamonds: mixes, and rankers that are mixed by themselves; "
                     "hollow: what learns no vectors. Times are of this machine, busy or not.</figcaption></figure>\n{}</section>\n",
                     curves, cost, table);
}

std::string family_section(const Comparison& comparison) {
  std::string tables;
  for (const auto& family : comparison.families) {
    tables += "<figure>" + html_table(family_title(family), family_headings(), family_rows(family)) + "</figure>\n";
  }
  return tables.empty() ? tables : "<section><h2>Differences and their tests</h2>\n" + tables + "</section>\n";
}

std::string recorded_section(const Comparison& comparison) {
  std::string tables;
  for (const auto& audit : comparison.recorded) {
    tables += "<figure>" + html_table(recorded_title, recorded_headings(audit), recorded_rows(audit)) + "</figure>\n" + list_of(audit_statement(audit));
  }
  return tables.empty() ? tables : "<section><h2>What others recorded</h2>\n" + tables + "</section>\n";
}

std::string failures(const Comparison& comparison) {
  std::vector<std::string> lines;
  for (const auto& failed : comparison.failed) lines.push_back(fmt::format("{}, seed {}: {}", failed.name, failed.seed, failed.reason));
  return lines.empty() ? "" : "<section><h2>What failed</h2>\n" + list_of(lines) + "</section>\n";
}

std::string settings(const Comparison& comparison) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, words] : comparison.settings) rows.push_back({name, words});
  return rows.empty() ? "" : "<section><h2>The variants</h2>\n<figure>" + html_table("What sets each apart", {"variant", "settings"}, rows) + "</figure></section>\n";
}

}  // namespace

std::string comparison_page(const Comparison& comparison) {
  const auto& evaluation = comparison.evaluation;
  return page("comparison, " + evaluation.protocol.name + ", " + evaluation.protocol.part,
              opening(comparison) + protocol_box(evaluation) + worth_section(comparison) + effect_section(comparison) + metric_section(evaluation, "") + terms() +
                  slice_section(evaluation) + rank_section(evaluation) + cost_section(comparison) + family_section(comparison) + settings(comparison) + failures(comparison) + recorded_section(comparison) +
                  table_section(evaluation));
}

}  // namespace segue
