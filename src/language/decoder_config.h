#pragma once

#include <optional>
#include <string>

#include "core/files.h"
#include "layers/rotary.h"

namespace segue {

/// The sizes of a decoder, as the config.json of its checkpoint has them. LLaMA and Qwen2 differ in these alone.
struct DecoderConfig {
  std::string architecture;  // LlamaForCausalLM, Qwen2ForCausalLM
  int64_t width = 0;         // H, numbers of a state
  int64_t inner = 0;         // of the feed-forward layers
  int64_t layers = 0, heads = 0, key_heads = 0, head = 0;
  int64_t vocabulary = 0;    // V
  int64_t positions = 0;     // as many it was trained for
  double epsilon = 1e-6;     // of the norms
  double theta = 10'000;     // of the rotary positions
  std::optional<Rotary::Scaling> scaling;
  bool tied = false;         // scores of tokens are products with their input vectors
  bool bias_qkv = false, bias_out = false, bias_inner = false;
};

/// Reads both spellings: rope_theta and rope_scaling, or rope_parameters. Throws Error: no such file, damaged, another
/// architecture, something in it that is not supported.
DecoderConfig read_decoder_config(const Path& folder);

}  // namespace segue
