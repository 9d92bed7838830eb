#pragma once

#include <functional>
#include <vector>

#include "ranking/packed_vectors.h"
#include "ranking/ranker.h"

namespace segue {

/// A trained model as rankers see it, without tensors: a vector for every track, a state for every question; the score
/// is their product.
struct VectorModel {
  std::string name;
  int64_t width = 0;           // D
  std::vector<float> vectors;  // [N, D] with the model's scale in them; 0 where nothing is known of a track
  std::vector<uint8_t> known;  // [N]
  std::function<std::vector<float>(std::span<const Asked>)> states;  // float [Q, D]
  bool reads_once = true;      // states after all plays come for one reading, and soon enough to be had
  std::function<std::string()> note = [] { return std::string(); };  // what it has to say after it was asked

  /// Laid out for ranking; tracks of which nothing is known never come.
  PackedVectors packed() const;
};

/// States of questions that are known beforehand, to be found by what a scorer knows of itself.
class KnownStates {
 public:
  KnownStates(const VectorModel& model, std::span<const Asked> asked);
  /// [D] for a listener of whom so many plays were heard. Throws std::logic_error for a question that was not announced.
  std::span<const float> at(int32_t who, int64_t heard, int64_t when_ms) const { return of(number(who, heard, when_ms)); }
  /// The announced question that this is.
  size_t number(int32_t who, int64_t heard, int64_t when_ms) const;
  std::span<const float> of(size_t number) const { return std::span(states_).subspan(number * width_, width_); }
  const Asked& asked(size_t number) const { return asked_[number]; }
  /// All announced questions about one listener.
  std::vector<size_t> about(int32_t who) const;

 private:
  struct Key {
    int32_t who;
    int64_t heard, when_ms;
    auto operator<=>(const Key&) const = default;
  };
  size_t width_;
  std::vector<Asked> asked_;
  std::vector<float> states_;
  std::vector<std::pair<Key, size_t>> order_;  // sorted
};

/// A trained model by itself. All questions that it will be asked are named when it is made, so that it reads each window
/// once. The model must outlive it.
class VectorRanker : public Ranker {
 public:
  VectorRanker(const VectorModel& model, std::span<const Asked> asked);
  std::unique_ptr<Scorer> read(int32_t who) const override;
  std::unique_ptr<Scorer> read_as(int32_t, int32_t as) const override { return read(as); }
  std::string note() const override { return model_.note(); }

 private:
  const VectorModel& model_;
  PackedVectors vectors_;
  KnownStates states_;
};

}  // namespace segue
