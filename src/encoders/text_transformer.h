#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "encoders/text_config.h"
#include "language/checkpoint.h"
#include "layers/byte_matrix.h"
#include "layers/linear.h"

namespace segue {

/// A transformer that reads a text from both sides: BERT and its kin (see TextArchitecture). Its weights stay as they are;
/// several threads may ask at once.
class TextTransformer {
 public:
  struct Options {
    std::optional<Storage> storage = {};  // of the layers' matrices; none: f32; int8: what they meet is in bytes, too
    std::string prefix = {};              // of the names of its weights, such as "text_model."; none: found out
  };
  /// Throws Error: a weight is missing, of another shape, or not finite.
  TextTransformer(const Checkpoint& weights, const TextConfig& config, const Options& options);

  const TextConfig& config() const { return config_; }

  /// texts: tokens of each, at least one and at most config().longest(), frame included; no padding.
  /// returns float [all tokens, D]  the states after the last layer, text after text. What a text's are doesn't depend on
  /// the others beyond rounding. Throws Error on a number that is no token's, and where states are not finite.
  Tensor states(std::span<const std::vector<int32_t>> texts) const;

  /// first float [texts, D], the state of each text's first token → [texts, D], as the head that was trained with the
  /// model has it: tanh(W x + b). Throws Error where the weights have no such head.
  Tensor pooled(const Tensor& first) const;
  bool has_pooler() const { return pooler_.frozen.bias.defined(); }

 private:
  struct Norm {
    Tensor weight, bias;
  };
  struct Linear {
    FrozenLinear frozen;
    ByteMatrix bytes;  // in place of its weight
    Tensor forward(const Tensor& x) const { return bytes.defined() ? bytes.product(x, frozen.bias) : frozen.forward(x); }
  };
  struct Layer {
    Linear qkv, out, inner, outer;
    Norm attended, done;
  };
  class Reader;

  Tensor embedded(std::span<const std::vector<int32_t>> texts) const;
  Tensor attended(const Tensor& qkv, const std::vector<int64_t>& lengths, const std::map<int64_t, Tensor>& bias) const;
  Tensor normed(const Tensor& x, const Norm& norm) const;
  Tensor bias_of(int64_t length) const;

  Path folder_;
  TextConfig config_;
  Tensor words_, positions_;  // float [V, D]; [positions, D], the vector of the kind of tokens added
  Tensor relative_;           // float [buckets, heads], or undefined
  Norm embedding_norm_;
  std::vector<Layer> layers_;
  Linear pooler_;
};

/// In which bucket a token falls that stands `ahead` tokens behind another, as MPNet has them: half of the buckets for either
/// side, half of those for one distance each, the rest ever wider, to 128.
int64_t relative_bucket(int64_t ahead, int64_t buckets);

}  // namespace segue
