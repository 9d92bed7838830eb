#include <algorithm>
#include <cmath>
#include <limits>

#include "core/parallel.h"
#include "core/random.h"
#include "signals/neighbours.h"

namespace segue {
namespace {

constexpr double most_perplexity = 15;  // how many neighbours count, roughly
constexpr int rounds = 500, early_rounds = 100;
constexpr double early = 12;  // neighbours pull harder at first

/// Squared distances of unit rows: 2 - 2 cos. [n, n]
std::vector<float> distances(std::span<const float> units, size_t n, size_t width) {
  std::vector<float> out(n * n);
  parallel_for(static_cast<int64_t>(n), [&](int64_t row) {
    const auto i = static_cast<size_t>(row);
    for (size_t j = 0; j < n; ++j) {
      float sum = 0;
      for (size_t d = 0; d < width; ++d) {
        const float away = units[i * width + d] - units[j * width + d];
        sum += away * away;
      }
      out[i * n + j] = sum;
    }
  });
  return out;
}

/// How likely i would name j as its neighbour: a bell around i, as wide as the perplexity wants. Row i of `distances` becomes that.
void to_likelihoods(std::span<float> row, size_t i) {
  double low = 0, high = std::numeric_limits<double>::infinity(), beta = 1;
  std::vector<double> p(row.size());
  const double perplexity = std::min(most_perplexity, std::max(1.5, static_cast<double>(row.size() - 1) / 3));
  float nearest = std::numeric_limits<float>::infinity();
  for (size_t j = 0; j < row.size(); ++j) nearest = j == i ? nearest : std::min(nearest, row[j]);
  for (int round = 0; round < 60; ++round) {
    double sum = 0, weighed = 0;
    for (size_t j = 0; j < row.size(); ++j) {
      p[j] = j == i ? 0 : std::exp(-beta * (row[j] - nearest));
      sum += p[j];
      weighed += p[j] * beta * (row[j] - nearest);
    }
    const double entropy = std::log(sum) + weighed / sum;
    if (std::abs(entropy - std::log(perplexity)) < 1e-4) break;
    if (entropy > std::log(perplexity)) low = beta, beta = std::isinf(high) ? 2 * beta : (beta + high) / 2;
    else high = beta, beta = (beta + low) / 2;
  }
  double sum = 0;
  for (const double x : p) sum += x;
  for (size_t j = 0; j < row.size(); ++j) row[j] = static_cast<float>(p[j] / sum);
}

/// A direction in which centred rows vary most, by repeated multiplication, at a right angle to `but` if there is one.
std::vector<double> direction(std::span<const float> units, size_t n, size_t width, const std::vector<double>& mean, const std::vector<double>& but,
                              Random& random) {
  std::vector<double> v(width);
  for (double& x : v) x = random.normal();
  for (int round = 0; round < 30; ++round) {
    double along = 0;
    for (size_t d = 0; d < but.size(); ++d) along += v[d] * but[d];
    for (size_t d = 0; d < but.size(); ++d) v[d] -= along * but[d];
    std::vector<double> next(width);
    for (size_t i = 0; i < n; ++i) {
      double product = 0;
      for (size_t d = 0; d < width; ++d) product += (units[i * width + d] - mean[d]) * v[d];
      for (size_t d = 0; d < width; ++d) next[d] += product * (units[i * width + d] - mean[d]);
    }
    double length = 0;
    for (const double x : next) length += x * x;
    if (length <= 0) return v;
    for (size_t d = 0; d < width; ++d) v[d] = next[d] / std::sqrt(length);
  }
  return v;
}

/// [n, 2], small, along the two directions.
std::vector<double> begin_places(std::span<const float> units, size_t n, size_t width, uint64_t seed) {
  Random random(seed);
  std::vector<double> mean(width);
  for (size_t i = 0; i < n * width; ++i) mean[i % width] += units[i] / static_cast<double>(n);
  const auto first = direction(units, n, width, mean, {}, random);
  const auto second = direction(units, n, width, mean, first, random);
  std::vector<double> y(2 * n);
  double largest = 1e-12;
  for (size_t i = 0; i < n; ++i) {
    for (size_t d = 0; d < width; ++d) {
      y[2 * i] += (units[i * width + d] - mean[d]) * first[d];
      y[2 * i + 1] += (units[i * width + d] - mean[d]) * second[d];
    }
    largest = std::max({largest, std::abs(y[2 * i]), std::abs(y[2 * i + 1])});
  }
  for (size_t i = 0; i < 2 * n; ++i) y[i] = 1e-2 * (y[i] / largest) + 1e-4 * random.normal();
  return y;
}

/// What pulls on every place: neighbours together, all others apart. p [n, n] sums to 1.
std::vector<double> pulls(const std::vector<float>& p, const std::vector<double>& y, size_t n, double stronger) {
  std::vector<double> sums(n), out(2 * n), apart(2 * n);
  parallel_for(static_cast<int64_t>(n), [&](int64_t row) {
    const auto i = static_cast<size_t>(row);
    for (size_t j = 0; j < n; ++j) {
      if (j == i) continue;
      const double dx = y[2 * i] - y[2 * j], dy = y[2 * i + 1] - y[2 * j + 1];
      const double near = 1 / (1 + dx * dx + dy * dy);
      const double together = stronger * p[i * n + j] * near;
      sums[i] += near;
      out[2 * i] += together * dx, out[2 * i + 1] += together * dy;
      apart[2 * i] += near * near * dx, apart[2 * i + 1] += near * near * dy;
    }
  });
  double sum = 0;
  for (const double x : sums) sum += x;
  for (size_t i = 0; i < 2 * n; ++i) out[i] = 4 * (out[i] - apart[i] / sum);
  return out;
}

}  // namespace

std::vector<float> places_on_a_plane(std::span<const float> units, int64_t width, uint64_t seed) {
  const auto d = static_cast<size_t>(width);
  const size_t n = d == 0 ? 0 : units.size() / d;
  if (n < 3) return std::vector<float>(2 * n, 0.0f);
  std::vector<float> p = distances(units, n, d);
  parallel_for(static_cast<int64_t>(n), [&](int64_t i) { to_likelihoods(std::span(p).subspan(static_cast<size_t>(i) * n, n), static_cast<size_t>(i)); });
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < i; ++j) p[i * n + j] = p[j * n + i] = (p[i * n + j] + p[j * n + i]) / static_cast<float>(2 * n);
  }
  std::vector<double> y = begin_places(units, n, d, seed), speed(2 * n), gain(2 * n, 1);
  const double rate = std::max(50.0, static_cast<double>(n) / early / 4);
  for (int round = 0; round < rounds; ++round) {
    const auto slope = pulls(p, y, n, round < early_rounds ? early : 1);
    for (size_t i = 0; i < 2 * n; ++i) {
      gain[i] = std::max(0.01, (slope[i] > 0) == (speed[i] > 0) ? 0.8 * gain[i] : gain[i] + 0.2);
      speed[i] = (round < early_rounds ? 0.5 : 0.8) * speed[i] - rate * gain[i] * slope[i];
      y[i] += speed[i];
    }
  }
  double largest = 1e-12;
  for (const double x : y) largest = std::max(largest, std::abs(x));
  std::vector<float> out(2 * n);
  std::transform(y.begin(), y.end(), out.begin(), [&](double x) { return static_cast<float>(x / largest); });
  return out;
}

}  // namespace segue
