#include "evaluation/page.h"

#include <fmt/format.h>

#include <cmath>

#include "core/console.h"
#include "evaluation/findings.h"
#include "evaluation/page_sections.h"
#include "evaluation/rank_figure.h"

namespace segue {
namespace {

std::string opening(const Evaluation& evaluation) {
  const auto& p = evaluation.protocol;
  const auto& best = evaluation.rankers[best_first(evaluation).front()];
  const auto found = best.all.metrics.at("recall@10");
  const auto chance = evaluation.chance.at("recall@10");
  std::string out = fmt::format(
      "<p class=\"kicker\">Segue · evaluation</p>\n<h1>Which track comes next?</h1>\n"
      "<p class=\"lede\">{} times, {} {} asked to name the track that a listener played next, without being shown it. "
      "The best, <strong>{}</strong>, had it among its first ten in {} of the cases. Guessing would have had it in {}.</p>\n",
      grouped(p.cases), evaluation.rankers.size(), evaluation.rankers.size() == 1 ? "ranker was" : "rankers were",
      html_text(best.name), percent(found.mean), percent(chance.mean));
  out += "<dl class=\"stats\">" +
         stat(percent(found.mean), fmt::format("found among the first ten by {} (between {} and {})", best.name,
                                               percent(found.low), percent(found.high)));
  const double ratio = found.mean / chance.mean;
  out += stat(ratio < 10 ? fmt::format("{:.1f} ×", ratio) : grouped(std::llround(ratio)) + " ×", "as often as by guessing") +
         stat(grouped(p.cases), fmt::format("questions, from {} {}", grouped(p.listeners), p.listeners == 1 ? "listener" : "listeners"));
  return out + "</dl>\n";
}

std::string verdict_text(const Evaluation& evaluation) {
  std::string out;
  for (const auto& line : verdict(evaluation)) out += html_text(line) + ' ';
  return "<p>" + out + "</p>\n";
}

std::string pair_section(const Evaluation& evaluation) {
  const auto drawing = pair_figure(evaluation, headline);
  if (drawing.empty()) return {};
  return fmt::format("<section><h2>Who is ahead of whom</h2>\n<p>Both rankers of a pair answered the same questions. Read across from a name: "
                     "how far it is ahead in ndcg@10 of the ranker at whose name the column ends.</p>\n<figure>{}<figcaption>Filled: more than luck "
                     "(p below {:g} by bootstrap over listeners, corrected by Holm for all {} comparisons of this evaluation); the deeper, the "
                     "further ahead. Dashed: it may be luck.</figcaption></figure></section>\n",
                     drawing, significance, evaluation.pairs.size());
}

}  // namespace

std::string evaluation_page(const Evaluation& evaluation) {
  const std::string title = evaluation.protocol.name + ", " + evaluation.protocol.part;
  if (evaluation.rankers.empty()) return page(title, "<h1>Nothing was evaluated</h1>\n");
  return page(title, opening(evaluation) + protocol_box(evaluation) + metric_section(evaluation, verdict_text(evaluation)) + terms() +
                         slice_section(evaluation) + rank_section(evaluation) + pair_section(evaluation) + table_section(evaluation));
}

}  // namespace segue
