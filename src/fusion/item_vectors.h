#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/tensor.h"
#include "fusion/fusion.h"
#include "fusion/signal_tower.h"
#include "layers/dropout.h"

namespace segue {

/// Which parts of a track are heard.
struct HeardParts {
  bool id = true;
  std::vector<std::string> without = {};  // signals that are not
};

/// The vectors by which tracks are read and scored: [N, width].
///
/// A track is its row in a table of ids, and what signals say of it. Without signals the rows begin at random and a track
/// without a row is 0: nothing is known of it. With signals the rows are added to what content says, so a track without a row is
/// exactly its content; those of which content says something begin at 0, the others at random, or they could not be told apart.
class ItemVectors : public torch::nn::Module {
 public:
  struct Options {
    int64_t width = 64;
    bool unit = true;  // vectors have length 1, so that scores are cosines
    std::string from;  // a run whose vectors they begin as; of tracks that it does not know nothing is known then
    bool frozen = false;  // ids stay as they are
    std::vector<std::string> signals = {};  // of the data folder
    template <class V>
    void fields(V&& field) {
      field("width", width);
      field("unit", unit);
      field("from", from);
      field("frozen", frozen);
      field("signals", signals);
    }
  };
  /// How signals become one vector.
  struct Content {
    std::string name = "gated";  // a row of fusions()
    Fusion::Options options = {};
    TrackSignals signals = {};   // none: ids only
  };
  /// row: [N] of each track in the table, -1 where it has none; rows: of the table.
  ItemVectors(const Options& options, std::vector<int32_t> row, int64_t rows, const Content& content);

  /// The vectors of some tracks in one step: gradients of the table stay as small as the step.
  struct Drawn {
    Tensor rows;     // int64 [n] rows of the table, -1 → 0 with `known` false
    Tensor known;    // float [n, 1] 1 where a track has a row
    Tensor leaf;     // float [n, D] copies of the rows; their gradient is the table's
    Tensor vectors;  // float [n, width()]
  };
  /// learns: records gradients of the rows, where these are not frozen, and of the fusion. noise: of a step of training, of which
  /// some parts are not heard; null: none. Without noise it may be asked by several threads.
  Drawn of(const std::vector<int32_t>& tracks, bool learns, Noise* noise = nullptr) const;
  /// float [N, width()] of all tracks, without gradient.
  Tensor all() const;

  /// Signals get their means and deviations from the tracks that have a row.
  void standardise();
  /// From now on; a signal that is not heard is as one that knows nothing. Throws Error on a signal that there is not.
  void hear(const HeardParts& parts);

  int64_t width() const { return fusion_ == nullptr ? options_.width : fusion_->width(); }
  int64_t tracks() const { return static_cast<int64_t>(row_.size()); }
  /// Whether anything that is heard is known of a track.
  bool has(int32_t track) const;
  bool has_content() const { return fusion_ != nullptr; }
  std::vector<std::string> signals() const;
  bool table_learns() const { return !options_.frozen; }
  Tensor& table() { return table_; }
  at::TensorOptions table_options() const { return table_.options(); }

 private:
  void begin_as_content(const TrackSignals& signals);
  Tensor shaped(const Tensor& rows) const;
  /// id: float [n, D] of the tracks. Returns float [n, width()].
  Tensor fused(std::span<const int32_t> tracks, Tensor id, Noise* noise) const;

  Options options_;
  std::vector<int32_t> row_;
  Tensor table_;  // [rows, D]
  std::vector<std::shared_ptr<SignalTower>> towers_;
  std::shared_ptr<Fusion> fusion_;
  Fusion::Options drops_;
  bool hears_id_ = true;
  std::vector<uint8_t> hears_;  // [S]
};

}  // namespace segue
