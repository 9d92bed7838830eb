#pragma once

#include "ranking/counters.h"
#include "ranking/vector_ranker.h"

namespace segue {

/// A trained model mixed with the counters: score = w_0(s) · model's score + Σ_f w_f(s) · clue_f, the weights depending on
/// how the listener is listening and learned, with the counters fitted on Part::fit, from questions about Part::gate, as
/// those of `counters` are. Every track is scored: the model's part is a product, what the counters say comes on top.
class Fused : public Ranker {
 public:
  struct Options {
    int64_t questions = 6000;
    int64_t questions_of_listener = 250;
    size_t learn_candidates = 60;  // of each ranker and of the model, in a question to learn from
    size_t candidates = 120;       // in use
    Gate::Options gate;
  };
  /// asked: all questions that will be put to it.
  Fused(const Lesson& lesson, const VectorModel& model, std::span<const Asked> asked, const Options& options);
  std::unique_ptr<Scorer> read(int32_t who) const override;
  std::string note() const override;

  /// What the model adds to the clues of a candidate: its score, its share among its own best tracks at two scales, and
  /// whether it knows nothing of the track.
  static constexpr size_t clues = 4;

 private:
  void learn(const Lesson& lesson, const VectorModel& model, const PackedVectors& plain);

  Options options_;
  std::unique_ptr<Clues> clues_;
  Gate gate_;
  size_t examples_ = 0;
  double loss_ = 0;
  Situation::State mean_{};
  std::unique_ptr<PackedVectors> plain_;  // [N, D] tracks of which nothing is known never come
  std::unique_ptr<PackedVectors> wide_;   // [N, D + 2] then: nothing is known; the clue of everyone's plays
  Catalogue catalogue_;
  std::unique_ptr<KnownStates> states_;
  std::vector<uint8_t> known_;
  friend class FusedScorer;
};

}  // namespace segue
