#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "ranking/gate.h"
#include "ranking/state_memory.h"

namespace segue {

/// What a trained model says to some questions, as clues beside those of the counters.
class ModelClues {
 public:
  struct Options {
    int64_t candidates = 120;  // the model's best tracks that a question makes candidates, beside those of its memory
    StateMemory memory;
  };
  /// states: float [asked, D]. plain: the model's vectors, tracks of which nothing is known at -inf; known: [N]. The
  /// model and the vectors must outlive this.
  ModelClues(const VectorModel& model, const PackedVectors& plain, const Log& log, std::span<const Asked> asked, std::vector<float> states,
             const Catalogue& catalogue, const Options& options);

  /// Candidates of question q beside those of the counters.
  std::vector<int32_t> candidates(size_t q) const;
  /// The evidence of question q with the model's clues behind those of the counters.
  const Evidence& widened(size_t q, const Evidence& evidence);
  std::span<const float> state(size_t q) const { return std::span(states_).subspan(q * width_, width_); }

  /// A product, of the size of the other clues; the shares of the model's best tracks at two scales; the shares of its
  /// memory at three; nothing is known of the track. The first and the last say something of every track.
  static constexpr std::array<std::string_view, 7> names{"model", "model 1", "model 0.01", "memory 1", "memory 0.01", "memory 0.0001", "unknown"};
  static constexpr double unit = 0.1;  // the first clue is a product times this

 private:
  const VectorModel& model_;
  const PackedVectors& plain_;
  size_t width_;
  std::vector<float> states_;
  std::vector<TrackShares> best_, memory_;
  Evidence wide_;
};

}  // namespace segue
