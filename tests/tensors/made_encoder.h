#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>

#include <nlohmann/json.hpp>

#include "core/tensor_files.h"

namespace segue {

/// A folder of sentence-transformers with a small BERT of random weights, whose tokens are letters and a few syllables.
struct MadeEncoder {
  nlohmann::json config{{"model_type", "bert"}, {"hidden_size", 16}, {"intermediate_size", 24}, {"num_hidden_layers", 2}, {"num_attention_heads", 4}, {"vocab_size", 36},
                        {"max_position_embeddings", 20}, {"type_vocab_size", 2}, {"pad_token_id", 0}, {"layer_norm_eps", 1e-12}, {"hidden_act", "gelu"}};
  nlohmann::json modules = nlohmann::json::parse(R"([{"type": "sentence_transformers.models.Transformer", "path": ""},
                                                     {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"},
                                                     {"type": "sentence_transformers.models.Normalize", "path": "2_Normalize"}])");
  nlohmann::json pooling{{"pooling_mode_mean_tokens", true}, {"pooling_mode_cls_token", false}};
  nlohmann::json settings{{"max_seq_length", 12}, {"do_lower_case", false}};
  std::string words = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
  NamedTensors weights;

  explicit MadeEncoder(uint64_t seed = 1) {
    at::manual_seed(seed);
    for (char c = 'a'; c <= 'z'; ++c) words += std::string(1, c) + "\n";
    words += "la\nlove\nriver\n##s\n##r\n";
    const auto add = [this](const std::string& name, at::IntArrayRef shape) { weights.emplace(name, at::randn(shape) * 0.5); };
    const auto linear = [&](const std::string& name, int64_t out, int64_t in) { add(name + ".weight", {out, in}), add(name + ".bias", {out}); };
    const auto norm = [&](const std::string& name) { add(name + ".weight", {16}), add(name + ".bias", {16}); };
    add("embeddings.word_embeddings.weight", {36, 16});
    add("embeddings.position_embeddings.weight", {20, 16});
    add("embeddings.token_type_embeddings.weight", {2, 16});
    norm("embeddings.LayerNorm");
    for (const std::string of : {"encoder.layer.0.", "encoder.layer.1."}) {
      for (const char* name : {"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"}) linear(of + name, 16, 16);
      linear(of + "intermediate.dense", 24, 16);
      linear(of + "output.dense", 16, 24);
      norm(of + "attention.output.LayerNorm");
      norm(of + "output.LayerNorm");
    }
  }

  void write(const Path& folder) const {
    std::filesystem::create_directories(folder / "1_Pooling");
    write_file(folder / "config.json", config.dump());
    write_file(folder / "modules.json", modules.dump());
    write_file(folder / "1_Pooling" / "config.json", pooling.dump());
    write_file(folder / "sentence_bert_config.json", settings.dump());
    write_file(folder / "vocab.txt", words);
    write_tensors(folder / "model.safetensors", weights);
  }
};

}  // namespace segue
