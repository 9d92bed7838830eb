#include "language/random_weights.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/progress.h"
#include "core/tensor_files.h"
#include "language/layer_weights.h"
#include "language/model_files.h"

namespace segue {
namespace {

using Json = nlohmann::json;

class Writer {
 public:
  Writer(const Path& from, const Path& into, uint64_t seed) : from_(from), into_(into), config_(read_decoder_config(from)), random_(at::detail::createCPUGenerator(seed)) {
    json_ = Json::parse(read_file(from / "config.json"));
    deviation_ = json_.value("initializer_range", 0.02);
  }

  int64_t run() {
    if (std::filesystem::exists(into_) && !std::filesystem::is_empty(into_)) throw Error("{}: has something in it; an empty folder would work", into_.string());
    std::filesystem::create_directories(into_);
    Progress progress("drawing weights", config_.layers + 1, "files");
    for (int64_t layer = 0; layer < config_.layers; ++layer) {
      write(layer, of_layer(fmt::format("model.layers.{}.", layer)));
      progress.advance(1);
    }
    NamedTensors rest{{"model.embed_tokens.weight", drawn({config_.vocabulary, config_.width})}, {"model.norm.weight", ones(config_.width)}};
    if (!config_.tied) rest.emplace("lm_head.weight", drawn({config_.vocabulary, config_.width}));
    write(config_.layers, rest);
    copy_words(from_, into_);
    write_file(into_ / "model.safetensors.index.json", Json{{"weight_map", places_}}.dump(1));
    json_.erase("segue");  // as what another was quantised
    write_file(into_ / "config.json", json_.dump(2));  // last: with it the folder is a model
    return numbers_;
  }

 private:
  Tensor drawn(at::IntArrayRef shape) { return (at::randn(shape, random_) * deviation_).to(at::kBFloat16); }
  static Tensor ones(int64_t n) { return at::ones({n}, at::kBFloat16); }

  NamedTensors of_layer(const std::string& layer) {
    NamedTensors all{{layer + "input_layernorm.weight", ones(config_.width)}, {layer + "post_attention_layernorm.weight", ones(config_.width)}};
    for (int which = 0; which < LayerWeights::count; ++which) {
      const auto shape = LayerWeights::shape(config_, static_cast<LayerWeights::Linear>(which));
      const std::string name = layer + LayerWeights::names[static_cast<size_t>(which)];
      all.emplace(name + ".weight", drawn({shape.out, shape.in}));
      if (shape.bias) all.emplace(name + ".bias", at::zeros({shape.out}, at::kBFloat16));
    }
    return all;
  }

  void write(int64_t part, const NamedTensors& weights) {
    const std::string file = part_file(part, config_.layers);
    write_tensors(into_ / file, weights, {{"format", "pt"}});
    for (const auto& [name, weight] : weights) {
      places_[name] = file;
      numbers_ += weight.numel();
    }
  }

  Path from_, into_;
  DecoderConfig config_;
  at::Generator random_;
  Json json_, places_ = Json::object();
  double deviation_ = 0.02;
  int64_t numbers_ = 0;
};

}  // namespace

int64_t write_random_model(const Path& from, const Path& into, uint64_t seed) { return Writer(from, into, seed).run(); }

}  // namespace segue
