#pragma once

#include <functional>

#include "ranking/clues.h"

namespace segue {

/// Rankers mixed by a gate that knows how the listener is listening: each weight depends on his situation and was
/// learned from questions about Part::gate, asked to rankers fitted on Part::fit. For use the rankers are fitted anew
/// on all that the lesson learns from. Scores are the chances of the candidates; other tracks that any ranker named come
/// after them. Where there is nothing to learn the gate from, a fixed mix answers.
class Counters : public Ranker {
 public:
  struct Options {
    int64_t questions = 12000;            // to learn from, in all
    int64_t questions_of_listener = 500;  // at most
    size_t learn_candidates = 60;         // of each ranker, in a question to learn from
    size_t candidates = 120;              // of each ranker, in use
    Gate::Options gate;
  };
  Counters(const Lesson& lesson, const Options& options);
  explicit Counters(const Lesson& lesson) : Counters(lesson, Options{}) {}

  std::unique_ptr<Scorer> read(int32_t who) const override;
  std::vector<RankerPart> parts() const override;
  std::unique_ptr<Scorer> read_without(int32_t who, const RankerPart& part) const override;
  std::string note() const override;

 private:
  Options options_;
  std::unique_ptr<Clues> clues_;
  LearnedGate learned_;
  std::unique_ptr<Mixture> fallback_;  // where nothing was learned
};

/// Asks what the gate learns from.
class GateQuestions {
 public:
  GateQuestions(const Lesson& lesson, size_t candidates);

  /// Questions about one listener's gate part, at most `most`, evenly spread. They are about any track, in the catalogue
  /// or not: so the gate learns what a track is worth that was played too rarely for it, or never before.
  std::vector<Case> chosen(int32_t who, int64_t most) const;
  /// What answers them, of those whose target is a candidate. more: [chosen] further candidates; extend: may add clues of
  /// its own to the evidence of question q.
  using Extend = std::function<const Evidence&(size_t q, const Evidence&)>;
  Examples of(int32_t who, int64_t most) const;
  Examples of(std::span<const Case> chosen, size_t clues, const std::vector<std::vector<int32_t>>& more, const Extend& extend) const;
  /// Of very many listeners some are asked, evenly spread; of few each is asked more: (listener, how many).
  std::vector<std::pair<int32_t, int64_t>> shared_out(int64_t most, int64_t most_of_listener) const;
  Examples of_all(int64_t most, int64_t most_of_listener) const;

 private:
  Lesson lesson_;
  size_t candidates_;
  Clues clues_;
};

}  // namespace segue
