#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/randn.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/tensor_files.h"
#include "encoders/clap_audio.h"
#include "encoders/encodec.h"
#include "encoders/speech.h"

namespace segue {

/// A folder with a small network of random weights, in the layout of Hugging Face, and what opens it.
struct MadeSoundNetwork {
  nlohmann::json config;
  NamedTensors weights;
  std::function<std::unique_ptr<SoundEncoder>(const Path&)> open;
  std::string some_weight;  // one that must be there

  void add(const std::string& name, at::IntArrayRef shape, double size = 0.3) { weights.emplace(name, at::randn(shape) * size); }
  void add_layer(const std::string& name, int64_t out, int64_t in) {
    add(name + ".weight", {out, in});
    add(name + ".bias", {out});
  }
  void add_norm(const std::string& name, int64_t width) {
    add(name + ".weight", {width}, 1);
    add(name + ".bias", {width});
  }
  void write(const Path& folder) const {
    std::filesystem::create_directories(folder);
    write_file(folder / "config.json", config.dump());
    write_tensors(folder / "model.safetensors", weights);
  }
};

/// each: norms after every convolution, as data2vec has them; prefix: before all names.
inline MadeSoundNetwork made_speech(const std::string& model_type, bool each, const std::string& prefix = "") {
  at::manual_seed(3);
  MadeSoundNetwork made;
  const bool several = model_type == "data2vec-audio";
  made.config = {{"model_type", model_type}, {"hidden_size", 12}, {"intermediate_size", 20}, {"num_hidden_layers", 2}, {"num_attention_heads", 3}, {"conv_dim", {8, 6}},
                 {"conv_kernel", {16, 9}}, {"conv_stride", {10, 8}}, {"num_conv_pos_embeddings", several ? 2 : 4}, {"conv_pos_kernel_size", 5}, {"num_conv_pos_embedding_groups", 2},
                 {"feat_extract_norm", each ? "layer" : "group"}, {"do_stable_layer_norm", each && !several}};
  made.add(prefix + "feature_extractor.conv_layers.0.conv.weight", {8, 1, 16});
  made.add(prefix + "feature_extractor.conv_layers.1.conv.weight", {6, 8, 9});
  made.add_norm(prefix + "feature_extractor.conv_layers.0.layer_norm", 8);
  if (each) made.add_norm(prefix + "feature_extractor.conv_layers.1.layer_norm", 6);
  made.add_norm(prefix + "feature_projection.layer_norm", 6);
  made.add_layer(prefix + "feature_projection.projection", 12, 6);
  const std::string positions = prefix + "encoder.pos_conv_embed.";
  for (const std::string i : {"0", "1"}) {
    if (!several) break;
    made.add(positions + "layers." + i + ".conv.weight", {12, 6, 5});
    made.add(positions + "layers." + i + ".conv.bias", {12});
  }
  if (!several) {
    made.add(positions + "conv.weight_g", {1, 1, 4}, 1);
    made.add(positions + "conv.weight_v", {12, 6, 4});
    made.add(positions + "conv.bias", {12});
  }
  made.add_norm(prefix + "encoder.layer_norm", 12);
  for (const auto& of : {prefix + "encoder.layers.0.", prefix + "encoder.layers.1."}) {
    for (const char* part : {"q_proj", "k_proj", "v_proj", "out_proj"}) made.add_layer(of + "attention." + part, 12, 12);
    made.add_layer(of + "feed_forward.intermediate_dense", 20, 12);
    made.add_layer(of + "feed_forward.output_dense", 12, 20);
    made.add_norm(of + "layer_norm", 12);
    made.add_norm(of + "final_layer_norm", 12);
  }
  made.open = [](const Path& folder) { return open_speech(folder); };
  made.some_weight = prefix + "encoder.layers.1.attention.k_proj.weight";
  return made;
}

/// stereo: as the one of 48 kHz is, with chunks, and norms over time; otherwise with norms of kernels.
inline MadeSoundNetwork made_encodec(bool stereo) {
  at::manual_seed(4);
  MadeSoundNetwork made;
  made.config = {{"model_type", "encodec"}, {"hidden_size", 5}, {"num_filters", 2}, {"upsampling_ratios", {4, 2}}, {"sampling_rate", 8000}, {"num_lstm_layers", 1}, {"audio_channels", stereo ? 2 : 1},
                 {"norm_type", stereo ? "time_group_norm" : "weight_norm"}, {"normalize", stereo}, {"use_causal_conv", !stereo}};
  if (stereo) made.config.update({{"chunk_length_s", 1.0}, {"overlap", 0.01}});
  const auto convolution = [&](const std::string& name, int64_t out, int64_t in, int64_t kernel) {
    if (stereo) {
      made.add(name + ".conv.weight", {out, in, kernel});
      made.add_norm(name + ".norm", out);
    } else {
      made.add(name + ".conv.weight_g", {out, 1, 1}, 1);
      made.add(name + ".conv.weight_v", {out, in, kernel});
    }
    made.add(name + ".conv.bias", {out});
  };
  convolution("encoder.layers.0", 2, stereo ? 2 : 1, 7);
  int64_t layer = 1, width = 2;
  for (const int64_t ratio : {2, 4}) {
    const std::string residual = "encoder.layers." + std::to_string(layer);
    convolution(residual + ".block.1", width / 2, width, 3);
    convolution(residual + ".block.3", width, width / 2, 1);
    convolution(residual + ".shortcut", width, width, 1);
    convolution("encoder.layers." + std::to_string(layer + 2), 2 * width, width, 2 * ratio);
    layer += 3, width *= 2;
  }
  for (const char* part : {"weight_ih_l0", "weight_hh_l0"}) made.add("encoder.layers." + std::to_string(layer) + ".lstm." + part, {4 * width, width});
  for (const char* part : {"bias_ih_l0", "bias_hh_l0"}) made.add("encoder.layers." + std::to_string(layer) + ".lstm." + part, {4 * width});
  convolution("encoder.layers." + std::to_string(layer + 2), 5, width, 7);
  made.open = [](const Path& folder) { return open_encodec(folder); };
  made.some_weight = "encoder.layers." + std::to_string(layer + 2) + ".conv.bias";
  return made;
}

inline MadeSoundNetwork made_clap() {
  at::manual_seed(5);
  MadeSoundNetwork made;
  made.config = {{"model_type", "clap"}, {"projection_dim", 7},
                 {"audio_config", {{"patch_embeds_hidden_size", 4}, {"depths", {2, 1}}, {"num_attention_heads", {1, 2}}, {"spec_size", 256}, {"num_mel_bins", 64}, {"patch_size", 16}, {"patch_stride", {16, 16}}, {"hidden_size", 8}}}};
  const std::string tower = "audio_model.audio_encoder.";
  made.add_norm(tower + "batch_norm", 64);
  made.add(tower + "batch_norm.running_mean", {64});
  made.weights.emplace(tower + "batch_norm.running_var", at::arange(1, 65).to(at::kFloat));
  made.add(tower + "patch_embed.proj.weight", {4, 1, 16, 16});
  made.add(tower + "patch_embed.proj.bias", {4});
  made.add_norm(tower + "patch_embed.norm", 4);
  for (const auto& [of, width] : {std::pair<std::string, int64_t>{"layers.0.blocks.0.", 4}, {"layers.0.blocks.1.", 4}, {"layers.1.blocks.0.", 8}}) {
    const std::string block = tower + of;
    for (const char* part : {"query", "key", "value"}) made.add_layer(block + "attention.self." + part, width, width);
    made.add(block + "attention.self.relative_position_bias_table", {225, width / 4});
    made.add_layer(block + "attention.output.dense", width, width);
    made.add_layer(block + "intermediate.dense", 4 * width, width);
    made.add_layer(block + "output.dense", width, 4 * width);
    made.add_norm(block + "layernorm_before", width);
    made.add_norm(block + "layernorm_after", width);
  }
  made.add_norm(tower + "layers.0.downsample.norm", 16);
  made.add(tower + "layers.0.downsample.reduction.weight", {8, 16});
  made.add_norm(tower + "norm", 8);
  made.add_layer("audio_projection.linear1", 7, 8);
  made.add_layer("audio_projection.linear2", 7, 7);
  made.open = [](const Path& folder) { return open_clap(folder); };
  made.some_weight = tower + "layers.1.blocks.0.output.dense.weight";
  return made;
}

}  // namespace segue
