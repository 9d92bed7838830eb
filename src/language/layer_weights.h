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

/// Where the layers of a decoder lie.
struct LayerRoom {
  int64_t budget = 0;                     // bytes of them, on the last device where several are named; 0: any
  std::vector<at::Device> devices = {};   // that take them in order, as many as fit; none: all where LayerStore::to puts them

  /// What the person running the program asked for. Throws Error where there is no such device, or one is named twice.
  static LayerRoom asked_for();
};

/// How many layers of `each` bytes each device takes in order, all but the last of which have so many bytes free; the last one
/// takes what is left, as its owner's budget allows. A fifth of what is free is left for what is worked out there.
std::vector<int64_t> spread_layers(int64_t layers, int64_t each, const std::vector<int64_t>& free);

/// The layers of a checkpoint, within so much memory: the first ones stay, as many as leave room for one more; the others are
/// read when somebody wants them, for all who want them at that time, and are let go, out of the system's cache of files
/// too, when nobody holds them. Who wants a layer for which there is no room waits until there is, so nobody may want
/// a second one while he holds one. With and without a budget a layer has the same bits.
class LayerStore {
 public:
  /// Throws Error: a weight that is missing, of another shape or kind; a budget that is less than a layer, or for weights that
  /// would have to be quantised anew each time.
  LayerStore(Checkpoint weights, const DecoderConfig& config, std::optional<Storage> storage, const LayerRoom& room);

  /// Throws Error where it can't be read (any more).
  std::shared_ptr<const LayerWeights> hold(int64_t layer);
  /// Whether some layers are read anew each time.
  bool streams() const { return std::ssize(kept_) < config_.layers; }
  /// Layers that were given devices stay there.
  void to(const at::TensorOptions& options);

 private:
  LayerWeights read(const Checkpoint& from, int64_t layer) const;
  void check(int64_t layer) const;
  int64_t place(const std::vector<at::Device>& devices);  // how many lie before the last device
  int64_t layers_within(int64_t budget, int64_t of) const;  // that are kept
  at::TensorOptions options_of(int64_t layer, const at::TensorOptions& options) const;

  Checkpoint weights_, copied_;  // mapped into memory, and read from the files
  DecoderConfig config_;
  std::optional<Storage> storage_;
  Storage kept_in_;  // what storage_ comes to
  int64_t each_;     // bytes of a layer
  std::optional<at::TensorOptions> options_;
  std::vector<at::Device> device_;  // of each layer, or empty
  std::vector<std::shared_ptr<LayerWeights>> kept_;

  std::mutex guard_;
  std::condition_variable changed_;
  std::vector<std::weak_ptr<const LayerWeights>> passing_;
  std::vector<bool> coming_;
  int64_t room_ = 0;
};

}  // namespace segue
