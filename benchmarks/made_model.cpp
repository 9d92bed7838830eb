// Writes a model with the shape of a published one and random weights, in bf16, to be measured where the published one is too
// large to fetch: a file for each layer.
//   made_model SHAPE FOLDER [LAYERS]
//     SHAPE: qwen2-7b, llama-2-13b, llama-3-70b
#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "core/random.h"
#include "core/registry.h"
#include "core/safetensors.h"

namespace segue {
namespace {

struct Shape {
  const char* architecture;
  int64_t width, inner, layers, heads, key_heads, vocabulary;
  double theta;
};

const Registry<Shape>& shapes() {
  static const Registry<Shape> table{
      "shape",
      {
          {"llama-2-13b", {"LlamaForCausalLM", 5120, 13824, 40, 40, 40, 32000, 1e4}},
          {"llama-3-70b", {"LlamaForCausalLM", 8192, 28672, 80, 64, 8, 128256, 5e5}},
          {"qwen2-7b", {"Qwen2ForCausalLM", 3584, 18944, 28, 28, 4, 152064, 1e6}},
      },
  };
  return table;
}

class Writer {
 public:
  Writer(const Path& folder, const Shape& shape, int64_t layers) : folder_(folder), shape_(shape), layers_(layers == 0 ? shape.layers : layers) {}

  void write() {
    std::filesystem::create_directories(folder_);
    const int64_t H = shape_.width, head = H / shape_.heads, keys = shape_.key_heads * head;
    Progress progress("writing", layers_ + 1, "files");
    for (int64_t i = 0; i < layers_; ++i) {
      const std::string of = fmt::format("model.layers.{}.", i);
      add(of + "input_layernorm.weight", {H}, 0);
      add(of + "post_attention_layernorm.weight", {H}, 0);
      for (const auto& [name, out] : {std::pair("q_proj", H), std::pair("k_proj", keys), std::pair("v_proj", keys)}) {
        add(of + "self_attn." + name + ".weight", {out, H}, H);
        if (shape_.architecture[0] == 'Q') add(of + "self_attn." + name + ".bias", {out}, H);
      }
      add(of + "self_attn.o_proj.weight", {H, H}, H);
      add(of + "mlp.gate_proj.weight", {shape_.inner, H}, H);
      add(of + "mlp.up_proj.weight", {shape_.inner, H}, H);
      add(of + "mlp.down_proj.weight", {H, shape_.inner}, shape_.inner);
      close(fmt::format("layer-{:03}.safetensors", i));
      progress.advance(1);
    }
    add("model.embed_tokens.weight", {shape_.vocabulary, H}, 2500);
    add("lm_head.weight", {shape_.vocabulary, H}, H);
    add("model.norm.weight", {H}, 0);
    close("rest.safetensors");
    write_file(folder_ / "model.safetensors.index.json", nlohmann::json{{"weight_map", places_}}.dump(1));
    const nlohmann::json config{{"architectures", {shape_.architecture}}, {"hidden_size", H}, {"intermediate_size", shape_.inner}, {"num_hidden_layers", layers_},
                                {"num_attention_heads", shape_.heads}, {"num_key_value_heads", shape_.key_heads}, {"vocab_size", shape_.vocabulary},
                                {"max_position_embeddings", 4096}, {"rms_norm_eps", 1e-6}, {"rope_theta", shape_.theta}, {"tie_word_embeddings", false}};
    write_file(folder_ / "config.json", config.dump(1));
    // Each letter is a token, so that an instruction can be told.
    nlohmann::json letters;
    for (int i = 0; i < 256; ++i) letters[fmt::format("<0x{:02X}>", i)] = i;
    write_file(folder_ / "tokenizer.json", nlohmann::json{{"model", {{"type", "BPE"}, {"vocab", letters}, {"merges", nlohmann::json::array()}, {"byte_fallback", true}}}}.dump());
  }

 private:
  /// Uniform within ±√3 / √in, as wide as trained ones about; in 0: all are one.
  void add(const std::string& name, const std::vector<int64_t>& shape, int64_t in) {
    Array array{Kind::bf16, shape, {}};
    auto& numbers = numbers_[name];
    numbers.resize(static_cast<size_t>(array.size()));
    constexpr uint16_t one = 0x3f80;
    const auto reach = static_cast<float>(in == 0 ? 0 : std::sqrt(3.0 / static_cast<double>(in)));
    const uint64_t key = mix_bits(++count_);
    constexpr int64_t piece = 1 << 20;
    parallel_for((array.size() + piece - 1) / piece, [&](int64_t p) {
      for (int64_t i = p * piece; i < std::min(array.size(), (p + 1) * piece); ++i) {
        const float x = (static_cast<float>(mix_bits(key ^ static_cast<uint64_t>(i)) >> 40) * 0x1p-23F - 1) * reach;
        numbers[static_cast<size_t>(i)] = in == 0 ? one : static_cast<uint16_t>(std::bit_cast<uint32_t>(x) >> 16);
      }
    });
    array.bytes = std::as_bytes(std::span(numbers));
    arrays_.emplace(name, array);
  }

  void close(const std::string& file) {
    for (const auto& [name, array] : arrays_) places_[name] = file;
    write_safetensors(folder_ / file, arrays_);
    arrays_.clear();
    numbers_.clear();
  }

  Path folder_;
  Shape shape_;
  int64_t layers_;
  uint64_t count_ = 0;
  nlohmann::json places_ = nlohmann::json::object();
  std::map<std::string, std::vector<uint16_t>> numbers_;
  std::map<std::string, Array, std::less<>> arrays_;
};

}  // namespace
}  // namespace segue

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::fputs("made_model SHAPE FOLDER [LAYERS]\n", stderr);
    return 2;
  }
  try {
    segue::Writer(argv[2], segue::shapes().at(argv[1]), argc > 3 ? std::stoll(argv[3]) : 0).write();
  } catch (const segue::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
