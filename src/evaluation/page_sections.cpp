#include "evaluation/page_sections.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/console.h"
#include "evaluation/dot_figure.h"
#include "evaluation/findings.h"
#include "evaluation/page_style.h"
#include "evaluation/page_tables.h"
#include "evaluation/rank_figure.h"

namespace segue {
namespace {

std::string key(const Evaluation& evaluation) {
  for (const auto& ranker : evaluation.rankers) {
    if (ranker.mixed) {
      return "<span class=\"key-single\">●</span> a ranker by itself, <span class=\"key-mix\">◆</span> a mix of others. ";
    }
  }
  return {};
}

std::string slice_panel(const Evaluation& evaluation, const std::string& slice, const std::string& meaning) {
  const auto drawing = slice_figure(evaluation, slice);
  if (drawing.empty()) return {};
  const auto& result = evaluation.rankers.front().slices.at(slice);
  const std::string listeners = result.listeners == 1 ? "1 listener: intervals over cases" : grouped(result.listeners) + " listeners";
  return fmt::format("<div><h3>{}</h3><p class=\"soft\">{} {}, {}</p>{}</div>\n", meaning, grouped(result.cases),
                     result.cases == 1 ? "case" : "cases", listeners, drawing);
}

std::string notes(const Evaluation& evaluation) {
  std::string out;
  for (const auto& ranker : evaluation.rankers) {
    if (!ranker.note.empty()) out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", html_text(ranker.name), html_text(ranker.note));
  }
  return out.empty() ? out : "<h3>What the rankers say of themselves</h3><dl class=\"facts\">" + out + "</dl>\n";
}

}  // namespace

std::string page(const std::string& title, const std::string& body) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>Segue: {}</title>\n<style>{}{}</style></head>\n<body><main>\n{}"
      "<footer>Made by Segue. This page needs no script and no network.</footer>\n</main></body></html>\n",
      html_text(title), figure_style(), page_style(), body);
}

std::string percent(double share) { return fmt::format("{:.{}f} %", 100 * share, share < 0.01 ? 2 : 1); }

std::string stat(const std::string& number, const std::string& meaning) {
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", html_text(meaning), number);
}

std::string protocol_box(const Evaluation& evaluation) {
  std::string out = "<section class=\"box\" aria-labelledby=\"protocol\"><h2 id=\"protocol\">No number without its protocol</h2>\n"
                    "<p class=\"soft\">Numbers may be compared only where all of this is the same.</p>\n<dl class=\"facts\">";
  for (const auto& [label, value] : protocol_facts(evaluation)) {
    out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", html_text(label), html_text(value));
  }
  const auto chance = evaluation.chance.at(headline);
  return out + fmt::format("<dt>chance</dt><dd>ndcg@10 {:.5f}; 95 % of guesses over these cases between {:.5f} and {:.5f}</dd></dl></section>\n",
                           chance.mean, chance.low, chance.high);
}

std::string terms() {
  return R"(<section><h2>In plain words</h2>
<dl class="terms">
<div><dt>recall@10</dt><dd>In how many of the cases the right track was among the first ten of the list. 0.25 is one case in four.</dd></div>
<div><dt>ndcg@10</dt><dd>The same, but higher places count more: the first 1, the second 0.63, the third 0.5, the tenth 0.29.</dd></div>
<div><dt>95 % interval</dt><dd>The pale line through a dot. With other listeners like these the number would probably lie on it.</dd></div>
<div><dt>chance</dt><dd>The dashed line: what picking blindly gives. The grey band is how far luck alone would carry; a hollow dot did not get out of it.</dd></div>
</dl></section>
)";
}

std::string metric_section(const Evaluation& evaluation, const std::string& verdict) {
  return fmt::format("<section><h2>How often the next track is found</h2>\n{}<figure><div class=\"two\">"
                     "<div><h3>ndcg@10: found, and high up</h3>{}</div><div><h3>recall@10: found among ten</h3>{}</div></div>\n"
                     "<figcaption>{}Best ndcg@10 first; further to the right is better. Pale lines are 95 % intervals.</figcaption></figure></section>\n",
                     verdict, metric_figure(evaluation, headline), metric_figure(evaluation, "recall@10"), key(evaluation));
}

std::string slice_section(const Evaluation& evaluation) {
  std::string panels = slice_panel(evaluation, "repeat", "repeat: played before") +
                       slice_panel(evaluation, "new", "new: never played before") +
                       slice_panel(evaluation, "start", "start: opens a session") +
                       slice_panel(evaluation, "within", "within: goes on with a session");
  const auto cold = slice_panel(evaluation, "cold", "cold: outside the catalogue");
  const std::string none = cold.empty() ? " Tracks outside the catalogue are not ranked here; the report counts them." : "";
  return fmt::format("<section><h2>Where it is easy and where it is hard</h2>\n"
                     "<p>Most plays are of tracks that the listener already knows. A method can look good by bringing back old "
                     "favourites and know nothing of what is new, so the cases are also looked at apart. All panels show ndcg@10 "
                     "on one scale.{}</p>\n<figure><div class=\"many\">{}{}</div></figure></section>\n",
                     none, panels, cold);
}

std::string rank_section(const Evaluation& evaluation) {
  return "<section><h2>Where the right track came to stand</h2>\n<p>Each bar is all cases of one ranker, cut by the place at which "
         "the right track stood in its list. Blue is the first ten; the paler, the further down.</p>\n<figure>" +
         rank_figure(evaluation) + "</figure></section>\n";
}

std::string table_section(const Evaluation& evaluation) {
  const bool any_near = std::any_of(evaluation.rankers.begin(), evaluation.rankers.end(), near_chance);
  const auto lists = list_table(evaluation);
  return "<section><h2>All the numbers</h2>\n<figure>" + ranker_table(evaluation) +
         (any_near ? "<figcaption>~ inside the interval of chance: guessing could have given it.</figcaption>" : "") + "</figure>\n" +
         "<figure>" + slice_table(evaluation) + "</figure>\n" +
         (lists.empty() ? "" : "<figure>" + lists + "</figure>\n") +
         "<details><summary>Every metric at every cut</summary><figure>" + metric_table(evaluation) + "</figure></details>\n" +
         notes(evaluation) + "</section>\n";
}

}  // namespace segue
