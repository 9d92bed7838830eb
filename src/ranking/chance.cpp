#include "ranking/chance.h"

#include "core/random.h"

namespace segue {
namespace {

class ChanceScorer : public Scorer {
 public:
  ChanceScorer(uint64_t seed, int32_t who) : key_(mix_bits(mix_bits(seed) ^ static_cast<uint64_t>(who))) {}
  void hear(const Heard&) override { ++heard_; }
  void score(int64_t now_ms, Scores& out) override {
    const uint64_t question = mix_bits(mix_bits(key_ ^ heard_) ^ static_cast<uint64_t>(now_ms));
    const auto scores = out.all();
    for (size_t j = 0; j < scores.size(); ++j) scores[j] = static_cast<double>(mix_bits(question + j) >> 11) * 0x1p-53;
  }

 private:
  uint64_t key_, heard_ = 0;
};

}  // namespace

std::unique_ptr<Scorer> Chance::read(int32_t who) const { return std::make_unique<ChanceScorer>(seed_, who); }

}  // namespace segue
