#include "experiments/difference_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "evaluation/svg.h"

namespace segue {
namespace {

constexpr double row_height = 25, head = 24, foot = 24;

/// Round about all that is drawn, with nought in it.
svg::Scale scale_of(const std::vector<DifferenceRow>& rows) {
  svg::Scale scale{.end = 1e-6, .left = 34, .right = 85, .begin = -1e-6};
  for (const auto& row : rows) {
    scale.begin = std::min(scale.begin, 1.05 * row.of->pair.low);
    scale.end = std::max(scale.end, 1.05 * row.of->pair.high);
    for (const auto& [seed, difference] : row.of->by_seed) {
      scale.begin = std::min(scale.begin, 1.05 * difference);
      scale.end = std::max(scale.end, 1.05 * difference);
    }
  }
  return scale;
}

std::string draw_row(const DifferenceRow& row, double y, const svg::Scale& scale) {
  const auto& pair = row.of->pair;
  const std::string kind = row.of->claimed ? "mix" : "lost";
  std::string seeds;
  for (const auto& [seed, difference] : row.of->by_seed) seeds += svg::line(scale.at(difference), y - 6, scale.at(difference), y + 6, "seed");
  const auto hint = fmt::format("{} against {}: {:+.4f}, 95 % [{:+.4f}, {:+.4f}], p {:.4f}, with Holm's correction {:.4f}", pair.a, pair.b,
                                pair.difference, pair.low, pair.high, pair.p, pair.p_holm);
  return svg::hinted(hint, svg::text(scale.left - 2.5, y + 4, svg::shortened(row.name, 17), "name") +
                               svg::line(scale.left, y, scale.right, y, "guide") +
                               svg::line(scale.at(pair.low), y, scale.at(pair.high), y, "whisker " + kind) + seeds +
                               svg::mark(scale.at(pair.difference), y, true, "dot " + kind) +
                               svg::text(100, y + 4, fmt::format("{:+.4f}", pair.difference), "value"));
}

}  // namespace

std::vector<DifferenceRow> worth_rows(const Comparison& comparison, const std::string& metric, const std::string& against) {
  std::vector<DifferenceRow> rows;
  for (const auto& family : comparison.families) {
    if (family.name != "worth") continue;
    for (const auto& one : family.pairs) {
      const bool counters = one.pair.b == "counters";
      if (one.pair.metric != metric || counters != (against == "counters")) continue;
      rows.push_back({comparison.variant_of.at(one.pair.a), &one});
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const DifferenceRow& a, const DifferenceRow& b) { return a.of->pair.difference > b.of->pair.difference; });
  return rows;
}

std::vector<DifferenceRow> effect_rows(const Comparison& comparison, const std::string& slice, bool mixed) {
  std::vector<DifferenceRow> rows;
  const std::string kind = mixed ? " (mixed)" : " (alone)";
  for (const auto& family : comparison.families) {
    if (family.name != "factors" && family.name != "effects") continue;
    for (const auto& one : family.pairs) {
      if (one.slice != slice) continue;
      const auto& a = one.pair.a;
      if (!one.factor.empty()) {
        if (a.ends_with(kind)) rows.push_back({a.substr(0, a.size() - kind.size()), &one});
        continue;
      }
      const auto& rankers = comparison.evaluation.rankers;
      const auto ranker = std::find_if(rankers.begin(), rankers.end(), [&](const RankerResult& r) { return r.name == a; });
      if (ranker != rankers.end() && ranker->mixed == mixed) rows.push_back({comparison.variant_of.at(a), &one});
    }
  }
  return rows;
}

std::string difference_figure(const std::string& id, const std::vector<DifferenceRow>& rows) {
  if (rows.empty()) return {};
  const auto scale = scale_of(rows);
  std::string drawn, spoken, factor;
  double y = head;
  for (const auto& row : rows) {
    if (row.of->factor != factor) {
      factor = row.of->factor;
      drawn += svg::text(0, y + 16, fmt::format("{}, against {}", factor, row.of->pair.b), "tick from-left");
      y += row_height;
    }
    drawn += draw_row(row, y + 0.5 * row_height, scale);
    spoken += fmt::format("{} {:+.4f}, between {:+.4f} and {:+.4f}. ", row.name, row.of->pair.difference, row.of->pair.low, row.of->pair.high);
    y += row_height;
  }
  std::string ruled;
  for (const double tick : scale.ticks()) {
    ruled += svg::line(scale.at(tick), head - 6, scale.at(tick), y, "grid");
    ruled += svg::text(scale.at(tick), y + 16, fmt::format("{:g}", tick == 0 ? 0 : tick), "tick");
  }
  ruled += svg::line(scale.at(0), head - 6, scale.at(0), y, "chance");
  ruled += svg::text(scale.at(0), 12, "no difference", scale.at(0) > 60 ? "chance-name turned" : "chance-name");
  return svg::figure(id, "Differences in " + rows.front().of->pair.metric, spoken, y + foot, ruled + drawn);
}

}  // namespace segue
