#include "experiments/comparison_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/progress.h"
#include "evaluation/findings.h"
#include "evaluation/svg.h"

namespace segue {
namespace {

constexpr double top = 14, bottom = 250, foot = 36;
constexpr size_t most_names = 8;  // beside curves

/// Upwards, in pixels.
struct Height {
  double begin = 0, end = 1;
  double at(double value) const { return bottom - (bottom - top) * (value - begin) / (end - begin); }
};

/// Lines and numbers of both axes; x: where, with what stands there.
std::string axes(const svg::Scale& across, const Height& height, const std::vector<std::pair<double, std::string>>& x) {
  std::string drawn;
  const svg::Scale up{.end = height.end, .begin = height.begin};
  for (const double tick : up.ticks()) {
    drawn += svg::line(across.left, height.at(tick), across.right, height.at(tick), "grid");
    drawn += svg::text(across.left - 1.5, height.at(tick) + 4, fmt::format("{:g}", std::abs(tick) < 1e-9 ? 0 : tick), "value");
  }
  for (const auto& [value, words] : x) {
    drawn += svg::line(across.at(value), top, across.at(value), bottom, "grid");
    drawn += svg::text(across.at(value), bottom + 18, words, "tick");
  }
  return drawn;
}

/// Some room round about what is drawn.
Height height_of(double least, double most) {
  const double room = std::max(0.05 * (most - least), 1e-6);
  return {least - room, most + room};
}

}  // namespace

std::string curve_figure(const Comparison& comparison) {
  double epochs = 0, least = 1, most = 0;
  std::vector<std::pair<double, std::string>> best;  // last figure and name
  for (const auto& [name, curve] : comparison.curves) {
    for (const auto& point : curve) {
      epochs = std::max(epochs, point.epochs);
      least = std::min(least, point.ndcg_10);
      most = std::max(most, point.ndcg_10);
    }
    best.emplace_back(-curve.back().ndcg_10, name);
  }
  if (best.empty()) return {};
  std::sort(best.begin(), best.end());
  const svg::Scale across{.end = epochs, .left = 8, .right = 76};
  const Height height = height_of(least, most);
  std::vector<std::pair<double, std::string>> ticks;
  for (const double tick : across.ticks()) ticks.emplace_back(tick, fmt::format("{:g}", tick));
  std::string drawn = axes(across, height, ticks) + svg::text(0.5 * (across.left + across.right), bottom + 32, "epochs", "tick"), spoken;
  double last = top - 14;  // of the names, from above
  for (size_t i = 0; i < best.size(); ++i) {
    const auto& name = best[i].second;
    const auto& curve = comparison.curves.at(name);
    std::string line = svg::mark(across.at(curve.back().epochs), height.at(curve.back().ndcg_10), false, "dot single");
    for (size_t p = 1; p < curve.size(); ++p) {
      line += svg::line(across.at(curve[p - 1].epochs), height.at(curve[p - 1].ndcg_10), across.at(curve[p].epochs), height.at(curve[p].ndcg_10), "whisker single");
    }
    if (i < most_names) {
      last = std::max(last + 14, height.at(curve.back().ndcg_10) + 4);
      line += svg::text(across.right + 2, last, svg::shortened(name, 22), "bar-name");
    }
    drawn += svg::hinted(fmt::format("{}: {:.4f} after {:g} epochs", name, curve.back().ndcg_10, curve.back().epochs), line);
    spoken += fmt::format("{} {:.4f}. ", name, curve.back().ndcg_10);
  }
  return svg::figure("curves", "ndcg@10 on validation by epochs", spoken, std::max(bottom, last) + foot, drawn);
}

std::string cost_figure(const Comparison& comparison) {
  struct Dot {
    std::string name, style;
    double seconds, ndcg;
    bool mixed;
  };
  std::vector<Dot> dots;
  for (const auto& ranker : comparison.evaluation.rankers) {
    const auto variant = comparison.variant_of.find(ranker.name);
    const bool counts = variant == comparison.variant_of.end();
    const auto cost = comparison.cost.find(counts ? ranker.name : variant->second);
    if (cost == comparison.cost.end()) continue;
    dots.push_back({ranker.name, counts ? "dot lost" : ranker.mixed ? "dot mix" : "dot single", std::max(1.0, cost->second.seconds()), ranker.all.metrics.at(headline).mean, ranker.mixed});
  }
  if (dots.empty()) return {};
  const auto by_seconds = [](const Dot& a, const Dot& b) { return a.seconds < b.seconds; };
  const auto by_ndcg = [](const Dot& a, const Dot& b) { return a.ndcg < b.ndcg; };
  const auto [fastest, slowest] = std::minmax_element(dots.begin(), dots.end(), by_seconds);
  const auto [worst, best] = std::minmax_element(dots.begin(), dots.end(), by_ndcg);
  const svg::Scale across{.end = std::log10(slowest->seconds) + 0.1, .left = 8, .right = 98, .begin = std::log10(fastest->seconds) - 0.1};
  const Height height = height_of(worst->ndcg, best->ndcg);
  std::vector<std::pair<double, std::string>> ticks;
  for (const double seconds : {1.0, 3.0, 10.0, 30.0, 60.0, 180.0, 600.0, 1800.0, 3600.0, 10'800.0, 36'000.0, 86'400.0, 604'800.0}) {
    if (std::log10(seconds) >= across.begin && std::log10(seconds) <= across.end) ticks.emplace_back(std::log10(seconds), clock_time(seconds));
  }
  std::string drawn = axes(across, height, ticks) + svg::text(0.5 * (across.left + across.right), bottom + 32, "time of one seed, learned and asked", "tick"), spoken;
  for (const auto& dot : dots) {
    drawn += svg::hinted(fmt::format("{}: ndcg@10 {:.4f}, {}", dot.name, dot.ndcg, clock_time(dot.seconds)),
                         svg::mark(across.at(std::log10(dot.seconds)), height.at(dot.ndcg), dot.mixed, dot.style));
    spoken += fmt::format("{} {:.4f} in {}. ", dot.name, dot.ndcg, clock_time(dot.seconds));
  }
  return svg::figure("cost", "ndcg@10 by time", spoken, bottom + foot, drawn);
}

}  // namespace segue
