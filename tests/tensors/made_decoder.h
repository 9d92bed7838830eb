#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>

#include <nlohmann/json.hpp>

#include "core/tensor_files.h"
#include "language/adapter.h"

namespace segue {

/// A folder with a small decoder of random weights, in the layout of Hugging Face.
struct MadeDecoder {
  nlohmann::json config{{"architectures", {"Qwen2ForCausalLM"}}, {"hidden_size", 16}, {"intermediate_size", 24}, {"num_hidden_layers", 2}, {"num_attention_heads", 4},
                        {"num_key_value_heads", 2}, {"vocab_size", 30}, {"max_position_embeddings", 64}, {"rms_norm_eps", 1e-6}, {"rope_theta", 10000.0}, {"tie_word_embeddings", true}};
  NamedTensors weights;

  explicit MadeDecoder(int64_t seed = 1) {
    at::manual_seed(static_cast<uint64_t>(seed));
    const auto add = [this](const std::string& name, at::IntArrayRef shape, double size) { weights.emplace(name, at::randn(shape) * size); };
    add("model.embed_tokens.weight", {30, 16}, 1);
    add("model.norm.weight", {16}, 1);
    for (const std::string of : {"model.layers.0.", "model.layers.1."}) {
      for (const char* name : {"input_layernorm", "post_attention_layernorm"}) add(of + name + ".weight", {16}, 1);
      for (const char* name : {"q_proj", "k_proj", "v_proj"}) {
        const int64_t out = name[0] == 'q' ? 16 : 8;
        add(of + "self_attn." + name + ".weight", {out, 16}, 0.3);
        add(of + "self_attn." + name + ".bias", {out}, 0.3);
      }
      add(of + "self_attn.o_proj.weight", {16, 16}, 0.3);
      for (const char* name : {"gate_proj", "up_proj"}) add(of + "mlp." + name + ".weight", {24, 16}, 0.3);
      add(of + "mlp.down_proj.weight", {16, 24}, 0.3);
    }
  }

  void write(const Path& folder) const {
    std::filesystem::create_directories(folder);
    write_file(folder / "config.json", config.dump());
    write_tensors(folder / "model.safetensors", weights);
  }
  /// With a tokenizer whose tokens are letters.
  void write_with_tokenizer(const Path& folder) const {
    write(folder);
    nlohmann::json letters;
    for (int i = 0; i < 26; ++i) letters[std::string(1, static_cast<char>('a' + i))] = i;
    letters["?"] = 26;
    write_file(folder / "tokenizer.json", nlohmann::json{{"model", {{"type", "BPE"}, {"vocab", letters}, {"merges", nlohmann::json::array()}, {"unk_token", "?"}}}}.dump());
  }
  /// In two files with an index, every other weight in each.
  void write_shards(const Path& folder) const {
    write_file(folder / "config.json", config.dump());
    NamedTensors shards[2];
    nlohmann::json map;
    for (const auto& [name, tensor] : weights) {
      const size_t which = map.size() % 2;
      shards[which].emplace(name, tensor);
      map[name] = which == 0 ? "a.safetensors" : "b.safetensors";
    }
    write_tensors(folder / "a.safetensors", shards[0]);
    write_tensors(folder / "b.safetensors", shards[1]);
    write_file(folder / "model.safetensors.index.json", nlohmann::json{{"weight_map", map}}.dump());
  }
};

/// An adapter of which no factor is nothing; its weights by name.
inline std::map<std::string, Tensor> add_moved_adapter(Decoder& decoder) {
  add_adapter(decoder, {.rank = 2, .dropout = 0.3}, 5);
  auto weights = adapter_weights(decoder);
  at::manual_seed(4);
  for (auto& [name, weight] : weights) {
    const at::NoGradGuard no_grad;
    weight.copy_(at::randn(weight.sizes()) * 0.2);
  }
  return weights;
}

}  // namespace segue
