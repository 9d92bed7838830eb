#include "ranking/state_memory.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/parallel.h"

namespace segue {
namespace {

/// The questions of one listener about the same known plays.
struct Group {
  int64_t from = 0, to = 0;  // plays: to is the largest of the questions'
  std::vector<size_t> questions;
};

std::vector<Group> groups_of(std::span<const Asked> asked) {
  std::vector<size_t> order(asked.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return std::pair(asked[a].from, asked[a].to) < std::pair(asked[b].from, asked[b].to); });
  std::vector<Group> groups;
  for (const size_t q : order) {
    if (asked[q].to == asked[q].from) continue;  // nothing was heard
    if (groups.empty() || groups.back().from != asked[q].from) groups.push_back({asked[q].from, asked[q].to, {}});
    groups.back().to = asked[q].to;
    groups.back().questions.push_back(q);
  }
  return groups;
}

/// The model's state after each play but the last of the group: what came next is known there.
std::vector<float> states_after(const VectorModel& model, const Log& log, const Group& group, int32_t listener) {
  std::vector<Asked> places;
  for (int64_t p = group.from; p + 1 < group.to; ++p) {
    const auto next = static_cast<size_t>(p + 1);
    places.push_back({listener, group.from, p + 1, std::max(log.start_ms[next], log.moment_ms[next - 1]), true});
  }
  return places.empty() ? std::vector<float>() : model.states(places);
}

/// Weights of tracks, one entry each, divided by their sum.
TrackShares summed(TrackShares all) {
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  TrackShares shares;
  double sum = 0;
  for (const auto& [track, weight] : all) {
    if (shares.empty() || shares.back().first != track) shares.emplace_back(track, 0.0);
    shares.back().second += weight;
    sum += weight;
  }
  for (auto& one : shares) one.second /= sum;
  return shares;
}

/// near: [places] the product of the question's state with that after play from + p; the later of equal ones is nearer.
TrackShares recall(const Log& log, const StateMemory& options, std::span<const float> near, int64_t from) {
  std::vector<int32_t> order(near.size());
  std::iota(order.begin(), order.end(), 0);
  const auto end = order.begin() + std::min(std::ssize(near), options.nearest);
  const auto product = [&](int32_t p) { return near[static_cast<size_t>(p)]; };
  std::partial_sort(order.begin(), end, order.end(), [&](int32_t a, int32_t b) { return product(a) != product(b) ? product(a) > product(b) : a > b; });
  TrackShares shares;
  for (auto p = order.begin(); p != end; ++p) {
    const double nearness = options.sharpness * static_cast<double>(product(*p) - product(order.front()));
    const auto distance = static_cast<double>(std::ssize(near) - *p);
    shares.emplace_back(log.track[static_cast<size_t>(from + *p + 1)], std::exp(nearness) * std::pow(distance, -options.fade));
  }
  return summed(std::move(shares));
}

}  // namespace

std::vector<TrackShares> recalled(const VectorModel& model, const Log& log, std::span<const Asked> asked, std::span<const float> states,
                                  const StateMemory& options) {
  constexpr size_t at_once = 128;  // questions whose products are kept
  const auto width = static_cast<size_t>(model.width);
  std::vector<TrackShares> found(asked.size());
  if (!model.reads_once) return found;
  for (const Group& group : groups_of(asked)) {
    const auto after = states_after(model, log, group, asked[group.questions.front()].listener);
    if (after.empty()) continue;
    const PackedVectors memory(after, model.width);
    const size_t places = after.size() / width;
    std::vector<float> queries, products;
    for (size_t begin = 0; begin < group.questions.size(); begin += at_once) {
      const auto some = std::span(group.questions).subspan(begin, std::min(at_once, group.questions.size() - begin));
      queries.clear();
      for (const size_t q : some) queries.insert(queries.end(), states.begin() + static_cast<std::ptrdiff_t>(q * width), states.begin() + static_cast<std::ptrdiff_t>((q + 1) * width));
      products.resize(some.size() * places);
      memory.score(queries, products);
      parallel_for(std::ssize(some), [&](int64_t job) {
        const size_t i = static_cast<size_t>(job), q = some[i];
        const auto known = static_cast<size_t>(asked[q].to - group.from - 1);
        if (known > 0) found[q] = recall(log, options, std::span(products).subspan(i * places, known), group.from);
      });
    }
  }
  return found;
}

}  // namespace segue
