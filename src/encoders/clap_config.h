#pragma once

#include <vector>

#include "encoders/network_config.h"

namespace segue {

/// The sizes of CLAP's audio tower, as config.json has them: of the whole model, or of the tower on its own.
struct ClapAudioConfig {
  int64_t bands = 64, picture = 256;    // the spectrogram is cut and stacked to a square
  int64_t input_channels = 1;
  std::vector<int64_t> patch, stride;   // of the picture's convolution: height and width
  int64_t width = 96;                   // of a patch's vector in the first stage; each further stage has twice that
  std::vector<int64_t> depths, heads;   // of the stages
  int64_t window = 8;                   // patches that attend to each other, along a side
  double inner = 4, epsilon = 1e-5;
  bool qkv_bias = true, patch_norm = true, fused = false;
  Activation activation = nullptr;

  int64_t projection = 512;             // numbers of a vector that sound and words share
  Activation projection_activation = nullptr;

  int64_t ratio() const { return picture / bands; }
  int64_t last_width() const { return width << (depths.size() - 1); }
};

/// Throws Error: no config.json, damaged, another model_type, something in it that is not supported.
ClapAudioConfig read_clap_audio_config(const Path& folder);

}  // namespace segue
