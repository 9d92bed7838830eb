#pragma once

#include <vector>

#include "encoders/frame_convolution.h"
#include "encoders/network_weights.h"
#include "encoders/speech_config.h"

namespace segue {

/// Several convolutions over a wave, each shorter than the one before.
class SpeechConvolutions {
 public:
  SpeechConvolutions(const SpeechConfig& config, const NetworkWeights& weights);

  /// wave float [samples], at least config.reach() → [T, conv_dim.back()]. So many frames at a time that their numbers stay
  /// near the processor.
  Tensor operator()(const Tensor& wave) const;

 private:
  FrameConvolution first(const Tensor& wave) const;
  Tensor frames(const FrameConvolution& first, const Tensor& wave, int64_t begin, int64_t end) const;

  SpeechConfig config_;
  Tensor first_weight_, first_bias_;        // float [out, 1, kernel], [out] or undefined
  std::vector<FrameConvolution> rest_;
  std::vector<RowNorm> norms_;              // after each, or one of channels over time after the first
};

/// Tells a frame where it stands, by what is around it: one wide convolution in groups, or several.
class SpeechPositions {
 public:
  SpeechPositions(const SpeechConfig& config, const NetworkWeights& weights);
  /// x float [T, D] → the same, to be added to x
  Tensor operator()(const Tensor& x) const;

 private:
  SpeechConfig config_;
  std::vector<Dense> kernels_;   // weight float [D, D / groups, kernel]
  Tensor scale_, shift_;         // float [D] of what is read, where it is normed so
};

/// Attention over all frames and a feed-forward layer, each added to what it reads (Vaswani et al., 2017, arXiv:1706.03762).
class SpeechLayer {
 public:
  SpeechLayer(const SpeechConfig& config, const NetworkWeights& weights, int64_t layer);
  /// x float [T, D] → the same
  Tensor operator()(const Tensor& x) const;

 private:
  Tensor attended(const Tensor& x) const;
  Tensor inner(const Tensor& x) const;

  int64_t heads_;
  bool pre_norm_;
  Activation activation_;
  Dense q_, k_, v_, out_, wide_, narrow_;
  RowNorm attention_norm_, inner_norm_;
};

}  // namespace segue
