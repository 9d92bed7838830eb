#include "evaluation/page_tables.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "core/console.h"
#include "evaluation/findings.h"
#include "evaluation/metrics.h"

namespace segue {
namespace {

std::string wrapped(const std::string& label, const std::string& head, const std::string& body) {
  return fmt::format("<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"{0}\"><table><caption>{0}</caption>\n"
                     "<thead>{1}</thead>\n<tbody>\n{2}</tbody></table></div>\n",
                     label, head, body);
}

std::string heading(const std::string& words) { return "<th scope=\"col\">" + html_text(words) + "</th>"; }

std::string row_heading(const std::string& words) {
  const auto name = html_text(words);
  return fmt::format("<th scope=\"row\" title=\"{0}\">{0}</th>", name);
}

std::string cell(const std::string& words) { return "<td>" + words + "</td>"; }

std::string mean_cell(const Metrics& metrics, const std::string& name) {
  const auto found = metrics.find(name);
  return cell(found == metrics.end() ? "–" : fmt::format("{:.4f}", found->second.mean));
}

std::string interval_cell(const Metrics& metrics, const std::string& name) {
  const auto found = metrics.find(name);
  if (found == metrics.end()) return cell("–");
  return cell(fmt::format("{:.4f} <small>[{:.4f}, {:.4f}]</small>", found->second.mean, found->second.low, found->second.high));
}

std::string headline_cells(const Metrics& metrics) {
  return interval_cell(metrics, headline) + interval_cell(metrics, "recall@10") + mean_cell(metrics, "mrr@10") +
         mean_cell(metrics, "recall@1") + mean_cell(metrics, "recall@100");
}

const std::vector<std::string>& shown_slices() {
  static const std::vector<std::string> names{"repeat", "new", "start", "within", "cold", "cold_listener"};
  return names;
}

/// Slices that have a case, with their heading and number of cases.
std::vector<std::pair<std::string, int64_t>> filled_slices(const Evaluation& evaluation) {
  std::vector<std::pair<std::string, int64_t>> out;
  for (const auto& name : shown_slices()) {
    const auto& slices = evaluation.rankers.front().slices;
    const auto found = slices.find(name);
    if (found != slices.end() && found->second.cases > 0) out.emplace_back(name, found->second.cases);
  }
  return out;
}

std::string words_of(std::string name) {
  for (char& c : name) c = c == '_' ? ' ' : c;
  return name;
}

}  // namespace

std::string html_table(const std::string& caption, const std::vector<std::string>& headings, const std::vector<std::vector<std::string>>& rows) {
  std::string head = "<tr>", body;
  for (const auto& words : headings) head += heading(words);
  for (const auto& row : rows) {
    body += "<tr>" + row_heading(row.front());
    for (size_t i = 1; i < row.size(); ++i) body += cell(html_text(row[i]));
    body += "</tr>\n";
  }
  return wrapped(html_text(caption), head + "</tr>", body);
}

std::string ranker_table(const Evaluation& evaluation) {
  std::string head = "<tr>" + heading("ranker") + heading("ndcg@10") + heading("recall@10") + heading("mrr@10") +
                     heading("recall@1") + heading("recall@100") + heading("seconds") + "</tr>";
  std::string body;
  for (const size_t i : best_first(evaluation)) {
    const auto& ranker = evaluation.rankers[i];
    body += body.empty() ? "<tr class=\"best\">" : "<tr>";
    body += row_heading(ranker.name + (near_chance(ranker) ? " ~" : "")) + headline_cells(ranker.all.metrics);
    body += cell(fmt::format("{:.1f}", ranker.seconds)) + "</tr>\n";
  }
  body += "<tr class=\"level\">" + row_heading("chance") + headline_cells(evaluation.chance) + "<td></td></tr>\n";
  return wrapped("Means over all cases with 95 % intervals", head, body);
}

std::string slice_table(const Evaluation& evaluation) {
  if (evaluation.rankers.empty()) return {};
  std::string head = "<tr>" + heading("ranker"), body;
  const auto slices = filled_slices(evaluation);
  for (const auto& [name, cases] : slices) {
    head += fmt::format("<th scope=\"col\">{}<br><small>{} {}</small></th>", html_text(words_of(name)), grouped(cases),
                        cases == 1 ? "case" : "cases");
  }
  for (const size_t i : best_first(evaluation)) {
    const auto& ranker = evaluation.rankers[i];
    body += "<tr>" + row_heading(ranker.name);
    for (const auto& [name, cases] : slices) {
      const auto found = ranker.slices.find(name);
      body += found == ranker.slices.end() ? cell("–") : mean_cell(found->second.metrics, headline);
    }
    body += "</tr>\n";
  }
  return wrapped("The slices: ndcg@10", head + "</tr>", body);
}

std::string list_table(const Evaluation& evaluation) {
  std::set<std::string> names;
  for (const auto& ranker : evaluation.rankers) {
    for (const auto& [name, value] : ranker.lists) names.insert(name);
  }
  if (names.empty()) return {};
  std::string head = "<tr>" + heading("ranker"), body;
  for (const auto& name : names) head += heading(name);
  for (const size_t i : best_first(evaluation)) {
    const auto& ranker = evaluation.rankers[i];
    body += "<tr>" + row_heading(ranker.name);
    for (const auto& name : names) {
      const auto found = ranker.lists.find(name);
      body += cell(found == ranker.lists.end() ? "–" : fmt::format("{:.3f}", found->second));
    }
    body += "</tr>\n";
  }
  return wrapped("What the lists of twenty are like", head + "</tr>", body);
}

std::string metric_table(const Evaluation& evaluation) {
  std::string head = "<tr>" + heading("metric"), body;
  const auto order = best_first(evaluation);
  for (const size_t i : order) head += heading(evaluation.rankers[i].name);
  head += heading("chance") + "</tr>";
  for (const auto& row : measures()) {
    body += "<tr>" + row_heading(row.name);
    for (const size_t i : order) body += mean_cell(evaluation.rankers[i].all.metrics, row.name);
    body += mean_cell(evaluation.chance, row.name) + "</tr>\n";
  }
  return wrapped("Every metric at every cut: means over all cases", head, body);
}

}  // namespace segue
