#include "evaluation/signal_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/console.h"
#include "evaluation/findings.h"
#include "evaluation/page_sections.h"
#include "evaluation/svg.h"

namespace segue {
namespace {

constexpr size_t most_dots = 1500, near_shown = 4;
constexpr double height = 680, margin = 24;

std::string name_of(const Tracks& tracks, int32_t track) {
  const auto t = static_cast<size_t>(track);
  return fmt::format("{} — {}", tracks.title[t], tracks.artist[t]);
}

/// The tracks that are shown: those that were played most.
std::vector<size_t> shown_of(const Neighbourhoods& near, const std::vector<int64_t>& plays) {
  std::vector<size_t> order(near.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto played = [&](size_t i) { return plays.empty() ? 0 : plays[static_cast<size_t>(near.tracks()[i])]; };
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return played(a) > played(b); });
  order.resize(std::min(order.size(), most_dots));
  return order;
}

std::string dot(double x, double y, double radius, const std::string& hint) {
  return fmt::format("<circle cx=\"{:.2f}%\" cy=\"{:.1f}\" r=\"{:.1f}\" class=\"dot single\"><title>{}</title></circle>\n", x, y, radius, html_text(hint));
}

}  // namespace

std::string signal_map_page(const Signal& signal, const Tracks& tracks, const std::vector<int64_t>& plays, uint64_t seed) {
  const Neighbourhoods near(signal);
  const auto shown = shown_of(near, plays);
  const auto width = static_cast<size_t>(signal.about.width);
  std::vector<float> units;
  for (const size_t i : shown) {
    const auto row = std::span(near.units()).subspan(i * width, width);
    units.insert(units.end(), row.begin(), row.end());
  }
  const auto places = places_on_a_plane(units, signal.about.width, seed);
  std::string dots;
  for (size_t i = 0; i < shown.size(); ++i) {
    const int32_t track = near.tracks()[shown[i]];
    const int64_t played = plays.empty() ? 0 : plays[static_cast<size_t>(track)];
    std::string hint = name_of(tracks, track) + (played > 0 ? fmt::format(" ({} plays). Most like it: ", grouped(played)) : ". Most like it: ");
    bool first = true;
    for (const auto& [other, likeness] : near.nearest(track, near_shown)) {
      hint += fmt::format("{}{} ({:.2f})", first ? "" : "; ", name_of(tracks, other), likeness);
      first = false;
    }
    const double radius = 2.5 + std::min(6.0, 0.8 * std::log1p(static_cast<double>(played)));
    dots += dot(50 + 48 * places[2 * i], height / 2 + (height / 2 - margin) * places[2 * i + 1], radius, hint);
  }
  const std::string title = fmt::format("{}: {} tracks by what they are like", signal.about.name, grouped(static_cast<int64_t>(shown.size())));
  const std::string body = fmt::format(
      "<p class=\"kicker\">Segue · signal</p>\n<h1>{}</h1>\n<p class=\"lede\">Each dot is a track; near ones are alike by {}, made from {}. Point at "
      "one to see which it is and what is nearest to it. The larger, the more often it was played.</p>\n<figure>{}<figcaption>{} of {} tracks with a "
      "vector, the most played. Places by t-SNE, which keeps neighbours together; far distances and directions mean nothing. Likeness is the "
      "cosine{}.</figcaption></figure>\n",
      html_text(signal.about.name), html_text(signal.about.space), html_text(signal.about.made_from), svg::figure("map", title, title, height, dots),
      grouped(static_cast<int64_t>(shown.size())), grouped(static_cast<int64_t>(near.size())),
      near.standardised() ? " of vectors whose numbers were brought to mean 0 and deviation 1" : "");
  return page(title, body);
}

}  // namespace segue
