#include "ranking/vector_ranker.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace segue {
namespace {

class VectorScorer : public Scorer {
 public:
  VectorScorer(const PackedVectors& vectors, const KnownStates& states, int32_t who) : vectors_(vectors), states_(states), who_(who) {}
  void hear(const Heard&) override { ++heard_; }
  void score(int64_t now_ms, Scores& out) override {
    const auto state = states_.at(who_, heard_, now_ms);
    std::copy(state.begin(), state.end(), out.products(vectors_).begin());
  }

 private:
  const PackedVectors& vectors_;
  const KnownStates& states_;
  int32_t who_;
  int64_t heard_ = 0;
};

}  // namespace

PackedVectors VectorModel::packed() const {
  std::vector<float> bias(known.size());
  for (size_t j = 0; j < known.size(); ++j) bias[j] = known[j] != 0 ? 0.0F : -std::numeric_limits<float>::infinity();
  return PackedVectors(vectors, width, {.bias = bias});
}

KnownStates::KnownStates(const VectorModel& model, std::span<const Asked> asked) : width_(static_cast<size_t>(model.width)), asked_(asked.begin(), asked.end()), states_(model.states(asked)) {
  for (size_t q = 0; q < asked.size(); ++q) order_.emplace_back(Key{asked[q].listener, asked[q].to - asked[q].from, asked[q].when_ms}, q);
  std::sort(order_.begin(), order_.end());
}

std::vector<size_t> KnownStates::about(int32_t who) const {
  std::vector<size_t> numbers;
  const auto before = [](const auto& entry, int32_t listener) { return entry.first.who < listener; };
  for (auto at = std::lower_bound(order_.begin(), order_.end(), who, before); at != order_.end() && at->first.who == who; ++at) numbers.push_back(at->second);
  return numbers;
}

size_t KnownStates::number(int32_t who, int64_t heard, int64_t when_ms) const {
  const Key key{who, heard, when_ms};
  const auto found = std::lower_bound(order_.begin(), order_.end(), std::pair(key, size_t{0}));
  if (found == order_.end() || found->first != key) throw std::logic_error("KnownStates: asked something that was not announced");
  return found->second;
}

VectorRanker::VectorRanker(const VectorModel& model, std::span<const Asked> asked) : model_(model), vectors_(model.packed()), states_(model, asked) {}

std::unique_ptr<Scorer> VectorRanker::read(int32_t who) const { return std::make_unique<VectorScorer>(vectors_, states_, who); }

}  // namespace segue
