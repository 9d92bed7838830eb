#include "evaluation/chance.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <stdexcept>

#include "core/parallel.h"
#include "core/shuffle.h"
#include "evaluation/intervals.h"
#include "evaluation/metrics.h"

namespace segue {
namespace {

/// How many of `cases` uniform ranks fall on each of the first `top` places. Given the places before, a place is hit
/// by a binomial share of the rest: exact, and as fast for a million cases as for ten.
std::vector<int64_t> hits_by_rank(int64_t cases, int64_t candidates, int64_t top, Random& random) {
  std::vector<int64_t> hits;
  for (int64_t rank = 1; rank <= top; ++rank) {
    const double share = 1.0 / static_cast<double>(candidates - rank + 1);
    hits.push_back(share < 1 ? std::binomial_distribution<int64_t>(cases, share)(random) : cases);
    cases -= hits.back();
  }
  return hits;
}

/// [measures, top] each measure at each rank: simulating is a product with the hits.
std::vector<std::vector<double>> measures_by_rank(int64_t top) {
  std::vector<std::vector<double>> values;
  for (const auto& measure : measures()) {
    values.emplace_back();
    for (int64_t rank = 1; rank <= top; ++rank) {
      values.back().push_back(measure.metric(static_cast<double>(rank), measure.k));
    }
  }
  return values;
}

/// simulated: [draws, measures] row by row.
Metrics of_draws(const std::vector<double>& simulated, int64_t draws) {
  const auto columns = static_cast<int64_t>(measures().size());
  Metrics out;
  for (int64_t c = 0; c < columns; ++c) {
    const auto column = sorted_column(simulated, columns, c);
    const double mean = std::accumulate(column.begin(), column.end(), 0.0) / static_cast<double>(draws);
    out[measures()[static_cast<size_t>(c)].name] = estimate(mean, column);
  }
  return out;
}

}  // namespace

Metrics chance_level(int64_t cases, int64_t candidates, uint64_t seed, int64_t draws) {
  if (cases <= 0 || candidates <= 0) throw std::invalid_argument("chance_level: no cases or no candidates");
  const auto top = std::min<int64_t>(candidates, cuts().back());
  const auto values = measures_by_rank(top);
  const auto columns = static_cast<int64_t>(values.size());
  std::vector<double> simulated(static_cast<size_t>(draws * columns));
  parallel_for(draws, [&](int64_t draw) {
    Random random(mix_bits(seed), static_cast<uint64_t>(draw));
    const auto hits = hits_by_rank(cases, candidates, top, random);
    for (int64_t c = 0; c < columns; ++c) {
      double sum = 0;
      for (size_t i = 0; i < hits.size(); ++i) sum += static_cast<double>(hits[i]) * values[static_cast<size_t>(c)][i];
      simulated[static_cast<size_t>(draw * columns + c)] = sum / static_cast<double>(cases);
    }
  });
  const Place anywhere{.above = 0, .level = static_cast<int32_t>(candidates - 1)};
  Metrics out;
  for (int64_t c = 0; c < columns; ++c) {
    const auto& row = measures()[static_cast<size_t>(c)];
    out[row.name] = estimate(metric_of(anywhere, row.metric, row.k, Ties::expected), sorted_column(simulated, columns, c));
  }
  return out;
}

Metrics chance_level_of_lists(const std::vector<Right>& cases, int64_t candidates, uint64_t seed, int64_t draws) {
  if (cases.empty() || candidates <= 0) throw std::invalid_argument("chance_level_of_lists: no cases or no candidates");
  const auto top = std::min<int64_t>(candidates, cuts().back());
  const auto columns = static_cast<int64_t>(measures().size());
  std::vector<double> simulated(static_cast<size_t>(draws * columns));
  parallel_for(draws, [&](int64_t draw) {
    Random random(mix_bits(seed), static_cast<uint64_t>(draw));
    double* mean = simulated.data() + draw * columns;
    for (const auto& right : cases) {
      std::vector<uint8_t> hit;
      for (int64_t place = 0, left = right.ranked; place < top; ++place) {
        hit.push_back(random.below(static_cast<uint64_t>(candidates - place)) < static_cast<uint64_t>(left));
        left -= hit.back();
      }
      const auto values = measures_of_list(hit, right.tracks);
      for (size_t c = 0; c < values.size(); ++c) mean[c] += values[c] / static_cast<double>(cases.size());
    }
  });
  return of_draws(simulated, draws);
}

Metrics chance_level_of_one_order(const std::vector<int32_t>& targets, const std::vector<std::vector<int32_t>>& candidates,
                                  const std::vector<int32_t>& members, uint64_t seed, int64_t draws) {
  if (targets.empty() || members.empty()) throw std::invalid_argument("chance_level_of_one_order: no cases or no candidates");
  const auto tracks = static_cast<size_t>(*std::max_element(members.begin(), members.end())) + 1;
  const auto columns = static_cast<int64_t>(measures().size());
  std::vector<double> simulated(static_cast<size_t>(draws * columns));
  parallel_for(draws, [&](int64_t draw) {
    Random random(mix_bits(seed), static_cast<uint64_t>(draw));
    std::vector<int32_t> order = members, place(tracks);
    shuffle(order, random);
    for (size_t i = 0; i < order.size(); ++i) place[static_cast<size_t>(order[i])] = static_cast<int32_t>(i);
    double* mean = simulated.data() + draw * columns;
    for (size_t c = 0; c < targets.size(); ++c) {
      const int32_t own = place[static_cast<size_t>(targets[c])];
      const auto above = candidates.empty() ? own : std::count_if(candidates[c].begin(), candidates[c].end(), [&](int32_t t) { return place[static_cast<size_t>(t)] < own; });
      if (above >= cuts().back()) continue;
      for (int64_t m = 0; m < columns; ++m) {
        const auto& measure = measures()[static_cast<size_t>(m)];
        mean[m] += measure.metric(static_cast<double>(above + 1), measure.k) / static_cast<double>(targets.size());
      }
    }
  });
  return of_draws(simulated, draws);
}

std::vector<std::string> inside_chance(const Metrics& metrics, const Metrics& chance) {
  std::vector<std::string> names;
  for (const auto& [name, value] : metrics) {
    const auto& level = chance.at(name);
    if (value.mean >= level.low && value.mean <= level.high) names.push_back(name);
  }
  return names;
}

}  // namespace segue
