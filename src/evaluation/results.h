#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace segue {

/// A mean over cases with its 95 % interval (bootstrap over listeners).
struct Estimate {
  double mean = 0, low = 0, high = 0;
};

/// Metrics by name ("ndcg@10"); every table of one evaluation has the same names.
using Metrics = std::map<std::string, Estimate>;

struct SliceResult {
  int64_t cases = 0, listeners = 0;  // with one listener the intervals come from drawing cases
  Metrics metrics;                   // empty where there is no case
};

/// One ranker over the cases of a protocol.
struct RankerResult {
  std::string name;
  SliceResult all;
  std::map<std::string, SliceResult> slices;  // repeat, new, start, within, cold, cold_listener
  std::map<std::string, double> lists;        // coverage@20, gini@20, repeats@20, artists@20
  std::vector<int64_t> rank_histogram;        // cases by rank: 1, 2, 3-5, 6-10, 11-20, 21-50, 51-100, …, see rank_bins()
  std::vector<std::string> inside_chance;     // metrics whose mean lies in the chance interval
  std::string note;                           // what the ranker has to say of itself, e.g. learned weights
  bool mixed = false;                         // made of others in the table, so not a candidate for the best single one
  double seconds = 0;
};

/// a - b over the same cases; p two-sided by bootstrap, p_holm corrected over all pairs of the table.
struct PairResult {
  std::string a, b, metric;
  double difference = 0, low = 0, high = 0, p = 1, p_holm = 1;
};

/// What must be equal before two numbers may be compared.
struct ProtocolInfo {
  std::string name;        // segue-own
  std::string data_hash;   // of the prepared plays and cases
  std::string split;       // in words
  std::string candidates;  // "catalogue (31462 tracks)", "1 + 199 uniform"
  std::string ties;        // mean_rank
  std::string repeats;     // "allowed"
  std::string part;        // test
  std::string intervals;   // "95 %, bootstrap over 27 listeners, 1000 draws"
  int64_t cases = 0;       // ranked
  int64_t out_of_catalogue = 0;
  int64_t listeners = 0;
  uint64_t seed = 0;
  std::vector<uint64_t> seeds = {};  // of runs that were averaged; empty: of one seed
};

struct Evaluation {
  ProtocolInfo protocol;
  Metrics chance;  // expectation of a uniform rank; low and high: 95 % interval of the mean over these cases
  std::vector<RankerResult> rankers;
  std::vector<PairResult> pairs;
};

/// Throws Error naming the first field that differs, with both values: such results don't belong in one table.
void require_same(const ProtocolInfo& one, const ProtocolInfo& other);

/// Upper ends of the bins of rank_histogram: 1, 2, 5, 10, …, 10000; the histogram has one more for all above.
const std::vector<int64_t>& rank_bins();

}  // namespace segue
