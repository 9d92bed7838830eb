#pragma once

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "language/checkpoint.h"
#include "language/decoder_config.h"

namespace segue {

/// The frozen weights of one layer of a decoder.
struct LayerWeights {
  enum Linear { q, k, v, out, gate, up, down, count };
  static constexpr std::array<const char*, count> names{"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
                                                        "mlp.gate_proj",    "mlp.up_proj",      "mlp.down_proj"};
  /// [out, in] of a matrix, and whether it has a bias.
  struct Shape {
    int64_t out, in;
    bool bias;
  };
  static Shape shape(const DecoderConfig& config, Linear which);

  Tensor norm_before, norm_between;        // [H]
  std::array<FrozenMatrix, count> matrix;  // [out, in]
  std::array<Tensor, count> bias;          // [out], or undefined

  void to(const at::TensorOptions& options);
};

/// The layers of a checkpoint, within so much memory: the first ones stay, as many as leave room for one more; the others are
/// read when somebody wants them, for all who want them at that time, and are let go, out of the system's cache of files
/// too, when nobody holds them. Who wants a layer for which there is no room waits until there is, so nobody may want
/// a second one while he holds one. With and without a budget a layer has the same bits.
class LayerStore {
 public:
  /// budget: bytes; 0: any. Throws Error: a weight that is missing, of another shape or kind; a budget that is less than a
  /// layer, or for weights that would have to be quantised anew each time.
  LayerStore(Checkpoint weights, const DecoderConfig& config, std::optional<Storage> storage, int64_t budget);

  /// Throws Error where it can't be read (any more).
  std::shared_ptr<const LayerWeights> hold(int64_t layer);
  /// Whether some layers are read anew each time.
  bool streams() const { return std::ssize(kept_) < config_.layers; }
  void to(const at::TensorOptions& options);

 private:
  LayerWeights read(const Checkpoint& from, int64_t layer) const;
  void check(int64_t layer) const;
  int64_t layers_within(int64_t budget) const;  // that are kept

  Checkpoint weights_, copied_;  // mapped into memory, and read from the files
  DecoderConfig config_;
  std::optional<Storage> storage_;
  Storage kept_in_;  // what storage_ comes to
  int64_t each_;     // bytes of a layer
  std::optional<at::TensorOptions> options_;
  std::vector<std::shared_ptr<LayerWeights>> kept_;

  std::mutex guard_;
  std::condition_variable changed_;
  std::vector<std::weak_ptr<const LayerWeights>> passing_;
  std::vector<bool> coming_;
  int64_t room_ = 0;
};

}  // namespace segue
