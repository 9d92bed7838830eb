#include "evaluation/lists.h"

#include <algorithm>

namespace segue {
namespace {

/// Gini coefficient of how often each member was shown: 0 all alike, 1 always the same.
double gini(std::vector<int64_t> shown) {
  std::sort(shown.begin(), shown.end());
  const auto n = static_cast<double>(shown.size());
  double weighted = 0, sum = 0;
  for (size_t i = 0; i < shown.size(); ++i) {
    weighted += (2 * static_cast<double>(i + 1) - n - 1) * static_cast<double>(shown[i]);
    sum += static_cast<double>(shown[i]);
  }
  return sum == 0 ? 0 : weighted / (n * sum);
}

}  // namespace

void Lists::count(const std::vector<int32_t>& list, const Questions& q) {
  std::vector<int32_t> names;
  for (const int32_t track : list) {
    const auto t = static_cast<size_t>(track);
    ++shown_[t];
    names.push_back(q.artist[t]);
  }
  std::sort(names.begin(), names.end());
  artists_ += std::unique(names.begin(), names.end()) - names.begin();
  tracks_ += std::ssize(list);
  ++lists_;
}

void Lists::add(const Lists& other) {
  for (size_t t = 0; t < shown_.size(); ++t) shown_[t] += other.shown_[t];
  tracks_ += other.tracks_;
  repeats_ += other.repeats_;
  artists_ += other.artists_;
  lists_ += other.lists_;
}

std::map<std::string, double> Lists::summary(const Questions& q) const {
  if (lists_ == 0) return {};
  std::vector<int64_t> members;
  for (int32_t t = 0; t < q.log.tracks; ++t) {
    if (q.catalogue.has(t)) members.push_back(shown_[static_cast<size_t>(t)]);
  }
  const auto touched = std::count_if(members.begin(), members.end(), [](int64_t n) { return n > 0; });
  return {{"coverage@20", static_cast<double>(touched) / static_cast<double>(members.size())},
          {"gini@20", gini(members)},
          {"repeats@20", static_cast<double>(repeats_) / static_cast<double>(tracks_)},
          {"artists@20", static_cast<double>(artists_) / static_cast<double>(lists_)}};
}

}  // namespace segue
