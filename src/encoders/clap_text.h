#pragma once

#include <memory>

#include "encoders/network_weights.h"
#include "encoders/text_encoder.h"
#include "encoders/text_transformer.h"

namespace segue {

/// The text tower of CLAP (Wu et al., 2022, arXiv:2211.06687): RoBERTa, and what brings its words to where the audio tower brings
/// sound. The product of a text's vector and a sound's says how well they fit.
class ClapTextNetwork {
 public:
  /// folder: in the layout of Hugging Face, of the whole model. Throws Error: no such files, another model_type, weights that don't
  /// fit the config or are not finite.
  explicit ClapTextNetwork(const Path& folder);

  int64_t width() const { return second_.weight.size(0); }
  /// Tokens that are read at once, frame included.
  int64_t longest() const { return transformer_->config().longest(); }
  int64_t vocabulary() const { return transformer_->config().vocabulary; }
  /// tokens of a text, frame included → float [width()], of length 1
  Tensor vector(const std::vector<int32_t>& tokens) const;

 private:
  std::unique_ptr<TextTransformer> transformer_;
  Dense first_, second_;
  Tensor (*activation_)(const Tensor&) = nullptr;
};

/// Vectors of length 1. A text that is too long is read in chunks that share 32 tokens.
std::unique_ptr<TextEncoder> open_clap_text(const Path& folder);

}  // namespace segue
