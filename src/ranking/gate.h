#pragma once

#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/files.h"
#include "ranking/situation.h"

namespace segue {

/// One question as the gate sees it: what speaks for each candidate.
struct Evidence {
  Situation::State state{};
  std::vector<int32_t> track;  // [C] candidates
  std::vector<float> clues;    // [C, F] row by row
};

/// Questions with known answers; the candidates of all, one after the other.
class Examples {
 public:
  explicit Examples(size_t clues) : clues_(clues) {}
  /// `right` is the place of the target among the candidates.
  void add(const Evidence& evidence, size_t right);
  void append(const Examples& others);

  size_t size() const { return state_.size(); }
  size_t clues() const { return clues_; }
  const Situation::State& state(size_t i) const { return state_[i]; }
  size_t right(size_t i) const { return right_[i]; }
  /// [C, F]
  std::span<const float> of(size_t i) const { return std::span(values_).subspan(first_[i], first_[i + 1] - first_[i]); }

 private:
  size_t clues_;
  std::vector<Situation::State> state_;
  std::vector<size_t> right_, first_{0};
  std::vector<float> values_;
};

/// Some of the examples, of whose clues the first ones are known. Refers to them.
class ExampleView {
 public:
  ExampleView(const Examples& all) : all_(&all), clues_(all.clues()), which_(all.size()) { std::iota(which_.begin(), which_.end(), size_t{0}); }
  /// With fewer clues.
  ExampleView narrowed(size_t clues) const {
    ExampleView some = *this;
    some.clues_ = clues;
    return some;
  }
  /// Those for which keep(number among all, state) holds.
  template <class Keep>
  ExampleView where(const Keep& keep) const {
    ExampleView some = *this;
    std::erase_if(some.which_, [&](size_t i) { return !keep(i, all_->state(i)); });
    return some;
  }

  size_t size() const { return which_.size(); }
  size_t clues() const { return clues_; }
  size_t stride() const { return all_->clues(); }  // from one candidate's clues to the next's
  const Situation::State& state(size_t i) const { return all_->state(which_[i]); }
  size_t right(size_t i) const { return all_->right(which_[i]); }
  std::span<const float> of(size_t i) const { return all_->of(which_[i]); }

 private:
  const Examples* all_;
  size_t clues_;
  std::vector<size_t> which_;
};

/// How much each clue counts, given the situation: weight of clue f = Σ_s table[f, s] · state[s]. The score of a
/// candidate is the weighted sum of its clues; the softmax of the scores is its chance. A conditional logit (McFadden,
/// 1974), so learning it has one optimum.
class Gate {
 public:
  struct Options {
    double prior = 3e-4;  // half this times the squares of what was learned is added to the mean loss
    int steps = 60;       // of L-BFGS
  };
  /// Without examples all weights are those of `from`. from: the weights of the first clues where nothing is learned,
  /// from which the prior counts; empty: 0, as those of the clues behind them.
  static Gate learn(const ExampleView& examples, const Options& options, const Gate& from = {});

  std::vector<float> weights(const Situation::State& state) const;
  /// Chance of each candidate, best first by value; sums to 1.
  std::vector<double> chances(const Evidence& evidence) const;
  /// Mean of −ln(chance of the right one).
  double loss(const ExampleView& examples) const;
  /// [examples] ndcg@10 of the right one among the candidates.
  std::vector<double> ndcg_10(const ExampleView& examples) const;
  /// This gate, moved towards another by a share of the way; this one's further clues weigh nothing at first.
  Gate towards(const Gate& other, double share) const;

  size_t clues() const { return table_.size() / Situation::numbers; }
  /// [F, S]
  const std::vector<double>& table() const { return table_; }
  Gate() = default;
  explicit Gate(std::vector<double> table) : table_(std::move(table)) {}

 private:
  std::vector<double> table_;
};

/// A gate, and what is to be said of how it was learned.
struct LearnedGate {
  Gate gate;
  std::optional<Gate> after_pause;  // weighs instead where the listener has paused, which mostly opens a session
  size_t questions = 0;
  double loss = 0;
  Situation::State mean{};  // the mean situation of the questions

  static LearnedGate from(const ExampleView& examples, const Gate::Options& options, const Gate& begin = {});
  const Gate& in(const Situation::State& state) const { return after_pause && Situation::paused(state) ? *after_pause : gate; }
  /// How many questions, the loss, and what the clues weigh in the mean situation; the first of the names is that of
  /// clue number `from`.
  std::string text(std::span<const std::string> names, size_t from = 0) const;
};

/// Writes {questions, loss, situation: [S names], mean: [S], weights: {clue: [S]}}, in the order of the clues, and where
/// there are others, after_pause: {clue: [S]}; the file appears whole.
void write_gate(const Path& path, const LearnedGate& learned, std::span<const std::string> clues);
/// Throws Error if the file is damaged, or its clues and situations are not these.
LearnedGate read_gate(const Path& path, std::span<const std::string> clues);

}  // namespace segue
