#include "evaluation/rank_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/console.h"
#include "evaluation/findings.h"
#include "evaluation/svg.h"

namespace segue {
namespace {

/// "1", "3–5", "over 10,000".
std::string bin_name(size_t bin) {
  const auto& ends = rank_bins();
  if (bin == ends.size()) return "over " + grouped(ends.back());
  const int64_t first = bin == 0 ? 1 : ends[bin - 1] + 1;
  return first == ends[bin] ? grouped(first) : fmt::format("{}–{}", grouped(first), grouped(ends[bin]));
}

double share(const RankerResult& ranker, size_t bins) {
  const auto& histogram = ranker.rank_histogram;
  const auto all = std::accumulate(histogram.begin(), histogram.end(), int64_t{0});
  const auto end = histogram.begin() + static_cast<std::ptrdiff_t>(bins);
  return all == 0 ? 0 : static_cast<double>(std::accumulate(histogram.begin(), end, int64_t{0})) / static_cast<double>(all);
}

/// Bins up to rank ten.
size_t first_ten() {
  return static_cast<size_t>(std::find(rank_bins().begin(), rank_bins().end(), 10) - rank_bins().begin()) + 1;
}

std::string draw_bar(const RankerResult& ranker, double y) {
  std::string out = svg::text(0, y + 12, svg::shortened(ranker.name, 34), "bar-name");
  out += svg::text(100, y + 12, fmt::format("{:.1f} % in the first ten", 100 * share(ranker, first_ten())), "value");
  for (size_t bin = 0; bin < ranker.rank_histogram.size(); ++bin) {
    const double left = share(ranker, bin), right = share(ranker, bin + 1);
    if (right == left) continue;
    const auto hint = fmt::format("{}, rank {}: {} cases, {:.1f} %", ranker.name, bin_name(bin),
                                  grouped(ranker.rank_histogram[bin]), 100 * (right - left));
    out += svg::rect(100 * left, y + 18, 100 * (right - left), 14, fmt::format("bin bin-{}", bin), hint);
  }
  return out;
}

std::string legend() {
  std::string out = "<ul class=\"legend\">";
  for (size_t bin = 0; bin <= rank_bins().size(); ++bin) {
    out += fmt::format("<li><span class=\"swatch swatch-{}\"></span>{}</li>", bin, bin_name(bin));
  }
  return out + "</ul>\n";
}

/// ".026": the nought would only take room.
std::string short_number(double value) {
  std::string out = fmt::format("{:.3f}", value);
  const auto nought = out.find("0.");
  return nought <= 1 ? out.erase(nought, 1) : out;
}

/// The staircase: cell (i, j) says how far i is ahead of j, the names stand on the steps.
struct Staircase {
  double left = 0, width = 0;  // of the first column, of a column
  double x(size_t column) const { return left + width * (static_cast<double>(column) - 1); }
  static double y(size_t row) { return 30.0 * static_cast<double>(row); }
};

std::string draw_cell(const PairResult& pair, size_t i, size_t j, const Staircase& stairs, double largest) {
  const bool real = pair.p_holm < significance;
  const int depth = std::clamp(static_cast<int>(5 * std::abs(pair.difference) / std::max(largest, 1e-12)), 0, 4);
  const auto hint = fmt::format("{} against {}: {:+.4f}, 95 % [{:+.4f}, {:+.4f}], p {:.4f}, with Holm's correction {:.4f}",
                                pair.a, pair.b, pair.difference, pair.low, pair.high, pair.p, pair.p_holm);
  const double x = stairs.x(j), y = Staircase::y(i);
  const std::string style = real ? fmt::format("cell depth-{}", depth) : "cell luck";
  return svg::rect(x + 0.15, y + 1.5, stairs.width - 0.3, 27, style, hint) +
         svg::text(x + stairs.width / 2, y + 19, short_number(pair.difference),
                   real && depth > 2 ? "cell-value on-dark" : real ? "cell-value" : "cell-value maybe");
}

}  // namespace

std::string rank_figure(const Evaluation& evaluation) {
  std::string bars, spoken;
  double y = 0;
  for (const size_t i : best_first(evaluation)) {
    const auto& ranker = evaluation.rankers[i];
    bars += draw_bar(ranker, y);
    spoken += fmt::format("{}: {:.1f} % in the first ten. ", ranker.name, 100 * share(ranker, first_ten()));
    y += 42;
  }
  return legend() + svg::figure("ranks", "Where the right track came to stand", spoken, y, bars);
}

std::string pair_figure(const Evaluation& evaluation, const std::string& metric) {
  const auto order = best_first(evaluation);
  const auto name = [&](size_t i) { return evaluation.rankers[order[i]].name; };
  std::vector<std::pair<PairResult, std::pair<size_t, size_t>>> cells;
  double largest = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    for (size_t j = i + 1; j < order.size(); ++j) {
      const auto pair = pair_of(evaluation, name(i), name(j), metric);
      if (!pair) continue;
      cells.push_back({*pair, {i, j}});
      largest = std::max(largest, std::abs(pair->difference));
    }
  }
  if (cells.empty()) return {};
  const double columns = static_cast<double>(order.size()) - 1;
  const Staircase stairs{.left = 22, .width = std::min(12.0, 78 / columns)};
  std::string drawn, spoken;
  for (size_t i = 0; i < order.size(); ++i) {
    drawn += svg::text(stairs.x(i + 1) - 0.8, Staircase::y(i) + 19, svg::shortened(name(i), 17), "name");
  }
  for (const auto& [pair, at] : cells) {
    drawn += draw_cell(pair, at.first, at.second, stairs, largest);
    spoken += fmt::format("{} against {} {:+.4f}, {}. ", pair.a, pair.b, pair.difference,
                          pair.p_holm < significance ? "more than luck" : "may be luck");
  }
  return fmt::format("<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Differences in {}\">"
                     "<div style=\"min-width:{:.0f}px\">{}</div></div>\n",
                     metric, 150 + 42 * columns,
                     svg::figure("pairs", "Differences in " + metric, spoken, Staircase::y(order.size()), drawn));
}

}  // namespace segue
