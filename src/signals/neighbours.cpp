#include "signals/neighbours.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace segue {
namespace {

constexpr double near_one = 1e-3;  // how far the length of a vector that was made 1 may be from it

double dot(std::span<const float> a, std::span<const float> b) {
  float sum[8] = {};  // eight side by side, which the compiler turns into one vector
  size_t d = 0;
  for (; d + 8 <= a.size(); d += 8) {
    for (size_t i = 0; i < 8; ++i) sum[i] += a[d + i] * b[d + i];
  }
  double all = 0;
  for (const float part : sum) all += part;
  for (; d < a.size(); ++d) all += a[d] * b[d];
  return all;
}

void make_unit(std::span<float> row) {
  const double length = std::sqrt(dot(row, row));
  if (length <= 0) return;
  for (float& x : row) x = static_cast<float>(x / length);
}

}  // namespace

Neighbourhoods::Neighbourhoods(const Signal& signal) : width_(signal.about.width) {
  const auto width = static_cast<size_t>(width_);
  bool all_one = signal.mask.empty();
  for (size_t i = 0; i < signal.size(); ++i) {
    if (signal.known[i] != Known::vector) continue;
    const auto row = signal.row(i);
    track_.push_back(signal.track[i]);
    units_.insert(units_.end(), row.begin(), row.end());
    all_one = all_one && std::abs(std::sqrt(dot(row, row)) - 1) < near_one;
  }
  standardised_ = !all_one;
  if (standardised_) standardise(signal);
  for (size_t i = 0; i < track_.size(); ++i) make_unit(std::span(units_).subspan(i * width, width));
}

void Neighbourhoods::standardise(const Signal& signal) {
  const auto width = static_cast<size_t>(width_);
  std::vector<double> sum(width), squares(width), count(width);
  const auto each_known = [&](const auto& job) {
    size_t row = 0;
    for (size_t i = 0; i < signal.size(); ++i) {
      if (signal.known[i] != Known::vector) continue;
      for (size_t d = 0; d < width; ++d) job(row * width + d, d, signal.mask.empty() || signal.mask[i * width + d] != 0);
      ++row;
    }
  };
  each_known([&](size_t at, size_t d, bool known) { sum[d] += known ? units_[at] : 0, count[d] += known ? 1 : 0; });
  mean_.resize(width), deviation_.resize(width);
  for (size_t d = 0; d < width; ++d) mean_[d] = static_cast<float>(count[d] > 0 ? sum[d] / count[d] : 0);
  each_known([&](size_t at, size_t d, bool known) { squares[d] += known ? std::pow(units_[at] - mean_[d], 2) : 0; });
  for (size_t d = 0; d < width; ++d) deviation_[d] = static_cast<float>(count[d] > 0 ? std::sqrt(squares[d] / count[d]) : 0);
  each_known([&](size_t at, size_t d, bool known) { units_[at] = known && deviation_[d] > 0 ? (units_[at] - mean_[d]) / deviation_[d] : 0.0f; });
}

std::vector<Neighbourhoods::Near> Neighbourhoods::best(std::span<const float> unit, size_t k, int32_t but) const {
  const auto width = static_cast<size_t>(width_);
  std::vector<Near> all;
  for (size_t i = 0; i < track_.size(); ++i) {
    if (track_[i] != but) all.push_back({track_[i], dot(std::span(units_).subspan(i * width, width), unit)});
  }
  k = std::min(k, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(k), all.end(),
                    [](const Near& a, const Near& b) { return a.likeness != b.likeness ? a.likeness > b.likeness : a.track < b.track; });
  all.resize(k);
  return all;
}

std::vector<Neighbourhoods::Near> Neighbourhoods::nearest(int32_t track, size_t k) const {
  const auto found = std::lower_bound(track_.begin(), track_.end(), track);
  if (found == track_.end() || *found != track) throw Error("this signal knows nothing of that track");
  const auto width = static_cast<size_t>(width_), at = static_cast<size_t>(found - track_.begin());
  return best(std::span(units_).subspan(at * width, width), k, track);
}

std::vector<Neighbourhoods::Near> Neighbourhoods::nearest(std::span<const float> vector, size_t k) const {
  std::vector<float> unit(vector.begin(), vector.end());
  for (size_t d = 0; standardised_ && d < unit.size(); ++d) unit[d] = deviation_[d] > 0 ? (unit[d] - mean_[d]) / deviation_[d] : 0.0f;
  make_unit(unit);
  return best(unit, k, -1);
}

}  // namespace segue
