#include "evaluation/auc.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "core/parallel.h"
#include "core/random.h"
#include "evaluation/intervals.h"

namespace segue {
namespace {

/// Questions by what was said of them, and which are drawn together.
struct Ordered {
  std::vector<size_t> order;
  std::vector<size_t> group;  // [questions]
  size_t groups = 0;
};

Ordered ordered(const Judged& judged) {
  Ordered all{std::vector<size_t>(judged.said.size()), std::vector<size_t>(judged.said.size()), 0};
  std::iota(all.order.begin(), all.order.end(), size_t{0});
  std::sort(all.order.begin(), all.order.end(), [&](size_t a, size_t b) { return judged.said[a] < judged.said[b]; });
  std::map<int32_t, size_t> number;
  for (size_t i = 0; i < judged.listener.size(); ++i) all.group[i] = number.try_emplace(judged.listener[i], number.size()).first->second;
  all.groups = number.size();
  if (all.groups == 1) {
    std::iota(all.group.begin(), all.group.end(), size_t{0});
    all.groups = all.group.size();
  }
  return all;
}

/// times: how often each group counts. NaN where all answers that count are the same.
double area(const Judged& judged, const Ordered& all, const std::vector<int32_t>& times) {
  double won = 0, below = 0, yes = 0;  // below: questions with no that were said to be less likely
  for (size_t i = 0; i < all.order.size();) {
    double level_yes = 0, level_no = 0;
    const double said = judged.said[all.order[i]];
    for (; i < all.order.size() && judged.said[all.order[i]] == said; ++i) {
      const size_t question = all.order[i];
      (judged.yes[question] != 0 ? level_yes : level_no) += times[all.group[question]];
    }
    won += level_yes * (below + level_no / 2);
    below += level_no;
    yes += level_yes;
  }
  return yes > 0 && below > 0 ? won / (yes * below) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

std::optional<Estimate> auc(const Judged& judged, int64_t draws, uint64_t seed) {
  if (judged.yes.size() != judged.said.size() || judged.listener.size() != judged.said.size()) {
    throw std::invalid_argument("auc: an answer and a listener for each number are wanted");
  }
  if (std::any_of(judged.said.begin(), judged.said.end(), [](double x) { return std::isnan(x); })) throw std::invalid_argument("auc: what was said must not be NaN");
  const Ordered all = ordered(judged);
  const double whole = area(judged, all, std::vector<int32_t>(all.groups, 1));
  if (std::isnan(whole)) return std::nullopt;
  std::vector<double> drawn(static_cast<size_t>(draws));
  parallel_for(draws, [&](int64_t draw) {
    Random random(seed, static_cast<uint64_t>(draw));
    std::vector<int32_t> times(all.groups);
    for (size_t i = 0; i < all.groups; ++i) ++times[random.below(all.groups)];
    drawn[static_cast<size_t>(draw)] = area(judged, all, times);
  });
  std::erase_if(drawn, [](double value) { return std::isnan(value); });  // draws of listeners who all did the same
  if (drawn.empty()) drawn = {whole};
  std::sort(drawn.begin(), drawn.end());
  return estimate(whole, drawn);
}

}  // namespace segue
