#include "evaluation/dot_figure.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/console.h"
#include "evaluation/findings.h"
#include "evaluation/page_style.h"
#include "evaluation/svg.h"

namespace segue {
namespace {

constexpr double row_height = 25, head = 24, foot = 24;

struct Row {
  std::string name;
  Estimate value;
  bool mixed = false, near_chance = false;
};

struct Panel {
  std::vector<Row> rows;
  Estimate chance;
  svg::Scale scale{.end = 1, .left = 34, .right = 85};
  double height() const { return head + row_height * static_cast<double>(rows.size()) + foot; }
};

std::string draw_row(const Row& row, double y, const svg::Scale& scale, bool first) {
  const auto& v = row.value;
  const std::string kind = row.near_chance ? "lost" : row.mixed ? "mix" : "single";
  const std::string label = first ? "name best" : "name";
  const double low = scale.at(v.low), high = scale.at(v.high);
  return svg::hinted(fmt::format("{}: {:.4f}, 95 % [{:.4f}, {:.4f}]", row.name, v.mean, v.low, v.high),
                     svg::text(scale.left - 2.5, y + 4, svg::shortened(row.name, 17), label) +
                         svg::line(scale.left, y, scale.right, y, "guide") +
                         svg::line(low, y, high, y, "whisker " + kind) +
                         svg::mark(scale.at(v.mean), y, row.mixed, "dot " + kind) +
                         svg::text(100, y + 4, fmt::format("{:.3f}", v.mean), first ? "value best" : "value"));
}

std::string draw(const Panel& panel) {
  const auto& scale = panel.scale;
  const double bottom = panel.height() - foot;
  const double low = scale.at(panel.chance.low), level = scale.at(panel.chance.mean);
  std::string out = svg::rect(low, head - 6, scale.at(panel.chance.high) - low, bottom - head + 6, "band");
  for (const double tick : scale.ticks()) {
    out += svg::line(scale.at(tick), head - 6, scale.at(tick), bottom, "grid");
    out += svg::text(scale.at(tick), bottom + 16, fmt::format("{:g}", tick), "tick");
  }
  for (size_t i = 0; i < panel.rows.size(); ++i) {
    out += draw_row(panel.rows[i], head + row_height * (static_cast<double>(i) + 0.5), scale, i == 0);
  }
  out += svg::line(level, head - 6, level, bottom, "chance");
  return out + svg::text(level, 12, "chance", level > 60 ? "chance-name turned" : "chance-name");
}

double largest(const std::vector<Row>& rows) {
  double high = 0;
  for (const auto& row : rows) high = std::max(high, row.value.high);
  return high;
}

Row row_of(const RankerResult& ranker, const Metrics& metrics, const std::string& metric) {
  return {.name = ranker.name, .value = metrics.at(metric), .mixed = ranker.mixed, .near_chance = near_chance(ranker)};
}

Panel panel_of(const Evaluation& evaluation, const std::string& metric) {
  Panel panel;
  panel.chance = evaluation.chance.at(metric);
  for (const size_t i : best_first(evaluation)) {
    panel.rows.push_back(row_of(evaluation.rankers[i], evaluation.rankers[i].all.metrics, metric));
  }
  panel.scale.end = std::max({1.04 * largest(panel.rows), 1.04 * panel.chance.high, 1e-6});
  return panel;
}

std::vector<Row> slice_rows(const Evaluation& evaluation, const std::string& slice) {
  std::vector<Row> rows;
  for (const size_t i : best_first(evaluation)) {
    const auto& ranker = evaluation.rankers[i];
    const auto found = ranker.slices.find(slice);
    if (found == ranker.slices.end() || found->second.cases == 0) return {};
    rows.push_back(row_of(ranker, found->second.metrics, headline));
    rows.back().near_chance = false;  // said of all cases, not of a slice
  }
  return rows;
}

/// The spoken version of a panel.
std::string description(const Panel& panel) {
  std::string out = fmt::format("Chance {:.4f}. ", panel.chance.mean);
  for (const auto& row : panel.rows) {
    out += fmt::format("{} {:.4f}, between {:.4f} and {:.4f}. ", row.name, row.value.mean, row.value.low, row.value.high);
  }
  return out;
}

}  // namespace

std::string metric_figure(const Evaluation& evaluation, const std::string& metric) {
  const auto panel = panel_of(evaluation, metric);
  const std::string id = "metric-" + metric.substr(0, metric.find('@'));
  return svg::figure(id, metric + " of every ranker", description(panel), panel.height(), draw(panel));
}

std::string slice_figure(const Evaluation& evaluation, const std::string& slice) {
  Panel panel;
  panel.rows = slice_rows(evaluation, slice);
  if (panel.rows.empty()) return {};
  panel.chance = evaluation.chance.at(headline);
  // The band is that of all cases; over the fewer of a slice it would be wider. The line holds for any number.
  panel.chance.low = panel.chance.high = panel.chance.mean;
  for (const std::string other : {"repeat", "new", "start", "within", "cold"}) {
    panel.scale.end = std::max(other == "repeat" ? 1e-6 : panel.scale.end, 1.04 * largest(slice_rows(evaluation, other)));
  }
  return svg::figure("slice-" + slice, "ndcg@10, " + slice, description(panel), panel.height(), draw(panel));
}

std::string figure_svg(const Evaluation& evaluation) {
  const auto ndcg = panel_of(evaluation, headline), recall = panel_of(evaluation, "recall@10");
  constexpr double top = 62;
  const double height = top + ndcg.height() + 44;
  const auto& p = evaluation.protocol;
  const std::string protocol =
      fmt::format("{} · {} · {} cases of {} listeners · candidates: {} · ties: {} · {} {} · data {}", p.name, p.part,
                  grouped(p.cases), grouped(p.listeners), p.candidates, p.ties, p.seeds.empty() ? "seed" : "seeds", seeds_text(p), p.data_hash);
  const auto panel = [&](const char* x, const Panel& content, const char* title) {
    return fmt::format("<svg x=\"{}\" y=\"0\" width=\"46%\" height=\"{:.0f}\">{}<svg y=\"{:.0f}\" width=\"100%\">{}</svg></svg>\n",
                       x, height, svg::text(0, 40, title, "heading"), top, draw(content));
  };
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"figure\" width=\"920\" height=\"{0:.0f}\" viewBox=\"0 0 920 {0:.0f}\" "
      "role=\"img\" aria-labelledby=\"title desc\">\n<title id=\"title\">How often the next track is found</title>"
      "<desc id=\"desc\">ndcg@10: {1}</desc>\n<style>{2}</style>\n"
      "<rect width=\"100%\" height=\"100%\" rx=\"10\" class=\"paper\"/>\n{3}{4}{5}</svg>\n",
      height, html_text(description(ndcg)), figure_style(), panel("2%", ndcg, "ndcg@10: found, and high up"),
      panel("52%", recall, "recall@10: found among ten"),
      svg::text(2, height - 16, svg::shortened(protocol, 150), "protocol"));
}

}  // namespace segue
