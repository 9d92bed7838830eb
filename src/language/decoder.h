#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "language/layer_weights.h"
#include "layers/linear.h"

namespace segue {

/// Keys and values of what a decoder has read, so that what comes next need not read it again.
struct KeyValues {
  using Pair = std::array<Tensor, 2>;  // keys and values of a layer, undefined where nothing was read

  std::vector<Tensor> key, value;  // by layer: float [B, key heads, P, head]

  int64_t length() const { return key.empty() ? 0 : key.front().size(2); }  // P
  Pair of(size_t layer) const { return layer < key.size() ? Pair{key[layer], value[layer]} : Pair(); }
  void set(size_t layer, const Pair& both) {
    key.resize(std::max(key.size(), layer + 1));
    value.resize(key.size());
    key[layer] = both[0];
    value[layer] = both[1];
  }
};

/// The decoder of LLaMA (Touvron et al., 2023, arXiv:2307.09288) and Qwen2 (Yang et al., 2024, arXiv:2407.10671): layers of
/// attention, in which several heads may share keys, and of gated feed-forward; norms before each, positions as angles.
/// Layers may lie on other devices: what comes in and goes out, and what is kept of it, is where the last norm is.
/// Its weights are frozen; adapters on its linear layers may learn.
class Decoder {
 public:
  struct Input {
    Tensor vectors;                 // float [B, L, H]
    Tensor positions = {};          // int64 [B, L]; undefined: one after the other, after what was read
    Tensor real = {};               // bool [B, P + L], false at padding on either side; undefined: nowhere
    Tensor visible = {};            // bool [B or 1, 1, L, P + L], whom each position sees; undefined: the real ones up to itself
    Noise* noise = nullptr;         // of a training step
    const KeyValues* past = nullptr;  // what was read before, by each row or by one for all
    KeyValues* into = nullptr;        // gets the past and what is read now; may be the past
    bool keys_only = false;           // the states are not wanted: the last layer makes its keys and values and no more
    Tensor read = {};                 // int64 [m] places b · L + t whose states are wanted, on the CPU, by row; undefined: all
    bool recompute = false;           // what a layer works out is not kept for the gradient, but worked out once more; so
                                      // it is where layers are read anew each time
    std::function<void(const Tensor& states)> before_layer = {};  // float [B, L, H], for each layer
  };

  struct Options {
    int64_t layers = 0;                   // the first so many are kept; 0: all
    std::optional<Storage> storage = {};  // of the layers' matrices; none: as the folder was quantised, else f32
    LayerRoom room = {};                  // for the layers' weights; what does not fit is read anew each time
  };
  /// Throws Error where the weights are not those that the config promises, and what LayerStore throws.
  explicit Decoder(const Path& folder, const Options& options);
  explicit Decoder(const Path& folder, int64_t layers = 0) : Decoder(folder, Options{.layers = layers}) {}
  /// Another decoder over the same frozen weights, without the adapters.
  std::shared_ptr<Decoder> sharing() const;

  /// Returns float [B, L, H], or [m, H] of what is read: after the last norm; at padding: undefined. With keys_only: nothing.
  Tensor forward(const Input& input) const;
  /// ids int64 [..] → float [.., H], what is read for tokens.
  Tensor vectors_of(const Tensor& ids) const;
  /// states float [.., H] → [.., V], before the softmax.
  Tensor token_scores(const Tensor& states) const;

  const DecoderConfig& config() const { return config_; }
  at::Device device() const { return last_norm_.device(); }
  /// A linear layer that an adapter may stand beside.
  struct Linear {
    int64_t in, out;
    std::optional<LoraFactors> adapter = {};
  };
  /// By name in the checkpoint, without ".weight": "model.layers.0.self_attn.q_proj", …
  std::map<std::string, Linear*> linears();
  std::map<std::string, const Linear*> linears() const;

  /// Moves the frozen weights, which are those of all that share them, to a device or another kind of numbers.
  void to(const at::TensorOptions& options);

  Decoder& operator=(const Decoder&) = delete;

 private:
  Decoder(const Decoder&) = default;
  using Adapters = std::array<Linear, LayerWeights::count>;
  struct Layer;
  struct Sight;
  struct Wanted;
  Sight sight_of(const Input& input) const;

  Tensor norm(const Tensor& x, const Tensor& weight) const;
  Layer layer(size_t number) const;
  bool learns() const;  // has an adapter
  /// Keys and values of a layer for all that may be seen, the past's first, each float [B, key heads, P + L, head].
  KeyValues::Pair seen(const Layer& layer, const Tensor& x, const KeyValues::Pair& past, const Sight& sight, Noise* noise) const;
  Tensor attend(const Layer& layer, const Tensor& x, const KeyValues::Pair& seen, const Sight& sight, Noise* noise) const;
  /// One layer: the states of all, or of what is wanted.
  Tensor through(const Layer& layer, const Tensor& all, const KeyValues::Pair& past, const Sight& sight, const Wanted* wanted, Noise* noise,
                 KeyValues::Pair* into) const;

  DecoderConfig config_;
  Rotary rotary_;
  std::shared_ptr<LayerStore> layers_;
  std::vector<Adapters> adapters_;
  Tensor input_, last_norm_;  // [V, H] of any kind, [H]
  FrozenMatrix output_;       // [V, H]
};

}  // namespace segue
