#pragma once

#include "ranking/counters.h"
#include "ranking/model_clues.h"

namespace segue {

/// A trained model mixed with the counters: score = w_0(s) · model's score + Σ_f w_f(s) · clue_f, the weights depending on
/// how the listener is listening and learned, with the counters fitted on Part::fit, from questions about Part::gate, as
/// those of `counters` are. They begin as those of the counters alone, with nothing for the model, and are held there by a
/// prior: after a pause, of which few questions tell, they go towards what was learned only as far as listeners that it was not
/// learned from say it is good. Every track is scored: the model's part is a product, what the counters say comes on top.
class Fused : public Ranker {
 public:
  struct Options {
    int64_t questions = 12000;            // to learn from, in all
    int64_t questions_of_listener = 500;  // at most
    int64_t learn_candidates = 60;        // of each ranker and of the model, in a question to learn from
    int64_t candidates = 120;             // in use
    StateMemory memory;
    Gate::Options gate;
    template <class V>
    void fields(V&& field) {
      field("questions", questions);
      field("questions_of_listener", questions_of_listener);
      field("learn_candidates", learn_candidates);
      field("candidates", candidates);
      field("memory_nearest", memory.nearest);
      field("memory_sharpness", memory.sharpness);
      field("memory_fade", memory.fade);
      field("prior", gate.prior);
    }
  };
  /// What the clues weigh, learned as said above; a model to learn it with has seen nothing of the part `gate`. Throws
  /// Error where there is nothing to learn from.
  static LearnedGate learn(const Lesson& lesson, const VectorModel& model, const Options& options);
  /// The names of all clues, those of the counters first.
  static std::vector<std::string> clue_names();

  /// asked: all questions that will be put to it. clues: of the same lesson, where another has fitted them; null: they are here.
  Fused(const Lesson& lesson, const VectorModel& model, LearnedGate gate, std::span<const Asked> asked, const Options& options,
        std::shared_ptr<const Clues> clues = nullptr);
  std::unique_ptr<Scorer> read(int32_t who) const override;
  std::unique_ptr<Scorer> read_as(int32_t who, int32_t as) const override;
  /// The counters, and the model as a whole.
  std::vector<RankerPart> parts() const override;
  std::unique_ptr<Scorer> read_without(int32_t who, const RankerPart& part) const override;
  const std::shared_ptr<const Clues>& clues() const { return clues_; }
  std::string note() const override;

 private:
  Options options_;
  const Log& log_;
  const VectorModel& model_;
  std::shared_ptr<const Clues> clues_;
  LearnedGate learned_;
  PackedVectors plain_;                  // [N, D] tracks of which nothing is known never come
  std::unique_ptr<PackedVectors> wide_;  // [N, D + 2] then: nothing is known; the clue of everyone's plays
  Catalogue known_;  // the tracks that the model has learned
  std::unique_ptr<KnownStates> states_;
  friend class FusedScorer;
};

}  // namespace segue
