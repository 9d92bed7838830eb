#include "evaluation/results.h"

#include <fmt/ranges.h>

#include "core/error.h"

namespace segue {
namespace {

template <class Value>
void require_same_field(const char* field, const Value& one, const Value& other) {
  if (one == other) return;
  throw Error("results of different protocols can't stand in one table: {} is '{}' in one and '{}' in the other; "
              "evaluate both again under one protocol", field, one, other);
}

}  // namespace

void require_same(const ProtocolInfo& one, const ProtocolInfo& other) {
  require_same_field("name", one.name, other.name);
  require_same_field("data_hash", one.data_hash, other.data_hash);
  require_same_field("split", one.split, other.split);
  require_same_field("part", one.part, other.part);
  require_same_field("candidates", one.candidates, other.candidates);
  require_same_field("ties", one.ties, other.ties);
  require_same_field("repeats", one.repeats, other.repeats);
  require_same_field("cases", one.cases, other.cases);
  require_same_field("out_of_catalogue", one.out_of_catalogue, other.out_of_catalogue);
  require_same_field("listeners", one.listeners, other.listeners);
  require_same_field("intervals", one.intervals, other.intervals);
  require_same_field("seed", one.seed, other.seed);
  require_same_field("seeds", fmt::format("{}", fmt::join(one.seeds, ", ")), fmt::format("{}", fmt::join(other.seeds, ", ")));
}

const std::vector<int64_t>& rank_bins() {
  static const std::vector<int64_t> bins{1, 2, 5, 10, 20, 50, 100, 1'000, 10'000};
  return bins;
}

}  // namespace segue
