#include "evaluation/metrics.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace segue {

double recall(double rank, int k) { return rank <= k ? 1.0 : 0.0; }
double precision(double rank, int k) { return rank <= k ? 1.0 / k : 0.0; }
double mrr(double rank, int k) { return rank <= k ? 1.0 / rank : 0.0; }
double average_precision(double rank, int k) { return mrr(rank, k); }
double ndcg(double rank, int k) { return rank <= k ? 1.0 / std::log2(rank + 1.0) : 0.0; }

const Registry<Metric>& metrics() {
  static const Registry<Metric> table{
      "metric",
      {
          {"map", average_precision},
          {"mrr", mrr},
          {"ndcg", ndcg},
          {"precision", precision},
          {"recall", recall},
      },
  };
  return table;
}

const std::vector<int>& cuts() {
  static const std::vector<int> cuts{1, 5, 10, 20, 100};
  return cuts;
}

const std::vector<Measure>& measures() {
  static const std::vector<Measure> all = [] {
    std::vector<Measure> rows;
    for (const auto& [name, metric] : metrics()) {
      for (const int k : cuts()) rows.push_back({fmt::format("{}@{}", name, k), metric, k});
    }
    return rows;
  }();
  return all;
}

const Measure& measure(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& row : measures()) {
    if (row.name == name) return row;
    known.push_back(row.name);
  }
  throw Error("no metric '{}'; known: {}", name, fmt::join(known, ", "));
}

const Registry<Ties>& ties_rules() {
  static const Registry<Ties> table{
      "rule for ties",
      {
          {"mean_rank", Ties::mean_rank},
          {"expected", Ties::expected},
          {"pessimistic", Ties::pessimistic},
          {"optimistic", Ties::optimistic},
      },
  };
  return table;
}

double rank_of(const Place& place, Ties ties) {
  const double first = 1.0 + place.above;
  if (ties == Ties::optimistic) return first;
  return ties == Ties::pessimistic ? first + place.level : first + 0.5 * place.level;
}

double metric_of(const Place& place, Metric metric, int k, Ties ties) {
  if (ties != Ties::expected || place.level == 0) return metric(rank_of(place, ties), k);
  // However many are level, only places up to k count.
  const int64_t first = int64_t{place.above} + 1;
  const int64_t last = std::min<int64_t>(first + place.level, k);
  double sum = 0;
  for (int64_t rank = first; rank <= last; ++rank) sum += metric(static_cast<double>(rank), k);
  return sum / (1.0 + place.level);
}

ListMetrics metrics_of_list(const std::vector<uint8_t>& hit, int64_t relevant, int k) {
  if (relevant <= 0 || k <= 0) throw std::invalid_argument("metrics_of_list: relevant and k must be above 0");
  ListMetrics out;
  double hits = 0, precisions = 0, gain = 0, ideal = 0;
  for (size_t i = 0; i < std::min(hit.size(), static_cast<size_t>(k)); ++i) {
    if (hit[i] == 0) continue;
    const double rank = static_cast<double>(i) + 1;
    if (hits == 0) out.mrr = 1.0 / rank;
    hits += 1;
    precisions += hits / rank;
    gain += ndcg(rank, k);
  }
  const auto listable = std::min<int64_t>(relevant, k);
  for (int64_t rank = 1; rank <= listable; ++rank) ideal += ndcg(static_cast<double>(rank), k);
  out.recall = hits / static_cast<double>(relevant);
  out.precision = hits / k;
  out.map = precisions / static_cast<double>(listable);
  out.map_all = precisions / static_cast<double>(relevant);
  out.ndcg = gain / ideal;
  return out;
}

std::vector<double> measures_of_list(const std::vector<uint8_t>& hit, int64_t relevant) {
  std::vector<ListMetrics> at;
  for (const int k : cuts()) at.push_back(metrics_of_list(hit, relevant, k));
  std::vector<double> values;
  for (const auto& of : {&ListMetrics::map, &ListMetrics::mrr, &ListMetrics::ndcg, &ListMetrics::precision, &ListMetrics::recall}) {  // as metrics()
    for (const auto& one : at) values.push_back(one.*of);
  }
  return values;
}

}  // namespace segue
