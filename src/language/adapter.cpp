#include "language/adapter.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/random.h"
#include "core/safetensors.h"
#include "core/tensor_files.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view before = "base_model.model.";

/// "model.layers.0.mlp.up_proj" → "up_proj"
std::string last_word(const std::string& name) { return name.substr(name.rfind('.') + 1); }

/// The layers of the decoder that carry factors.
std::map<std::string, Decoder::Linear*> chosen(Decoder& decoder, const AdapterOptions& options) {
  const auto known = AdapterOptions().layers;  // all that there are
  for (const auto& layer : options.layers) {
    if (std::find(known.begin(), known.end(), layer) == known.end()) throw Error("no layer '{}' to adapt; known: {}", layer, fmt::join(known, ", "));
  }
  std::map<std::string, Decoder::Linear*> some;
  for (const auto& [name, linear] : decoder.linears()) {
    if (std::find(options.layers.begin(), options.layers.end(), last_word(name)) != options.layers.end()) some.emplace(name, linear);
  }
  return some;
}

void put(Decoder::Linear& linear, Tensor a, Tensor b, const AdapterOptions& options) {
  a.requires_grad_();
  b.requires_grad_();
  linear.adapter = LoraFactors{std::move(a), std::move(b), options.scale(), options.dropout};
}

/// A switch that changes what the factors mean; only its plain state is read.
void refuse(const Json& json, const char* name, const std::string& where) {
  const auto found = json.find(name);
  if (found == json.end() || found->is_null() || *found == false || *found == "none" || found->empty()) return;
  throw Error("{}: {} is {}, which is not supported", where, name, found->dump());
}

constexpr const char *options_file = "adapter_config.json", *weights_file = "adapter_model.safetensors", *of_base = "base_fingerprint";

/// "model.layers.0.mlp.up_proj" → the names of its two factors.
std::array<std::string, 2> factor_names(const std::string& layer) {
  return {fmt::format("{}{}.lora_A.weight", before, layer), fmt::format("{}{}.lora_B.weight", before, layer)};
}

}  // namespace

double AdapterOptions::scale() const { return alpha / (rank_stabilised ? std::sqrt(static_cast<double>(rank)) : static_cast<double>(rank)); }

AdapterOptions read_adapter_options(const Path& folder) {
  for (const char* wanted : {options_file, weights_file}) {
    if (!std::filesystem::exists(folder / wanted)) throw Error("{}: no adapter here (it has no {})", folder.string(), wanted);
  }
  const std::string where = (folder / options_file).string();
  const Json json = Json::parse(read_file(folder / options_file), nullptr, false);
  if (!json.is_object() || json.value("peft_type", "") != "LORA") throw Error("{}: no adapter of LoRA, or a damaged one", where);
  for (const char* name : {"use_dora", "bias", "fan_in_fan_out", "modules_to_save", "rank_pattern", "alpha_pattern", "layers_to_transform", "lora_bias"}) refuse(json, name, where);
  AdapterOptions options;
  try {
    options.rank = json.at("r");
    options.alpha = json.at("lora_alpha");
    options.dropout = json.value("lora_dropout", 0.0);
    options.rank_stabilised = json.value("use_rslora", false);
    options.layers = json.at("target_modules").get<std::vector<std::string>>();
  } catch (const Json::exception& bad) {
    throw Error("{}: not as PEFT writes it: {}", where, bad.what());
  }
  if (options.rank < 1) throw Error("{}: r is {}", where, options.rank);
  return options;
}

std::map<std::string, Tensor> adapter_weights(const Decoder& decoder) {
  std::map<std::string, Tensor> weights;
  for (const auto& [name, linear] : decoder.linears()) {
    if (!linear->adapter) continue;
    const auto [a, b] = factor_names(name);
    weights.emplace(a, linear->adapter->a);
    weights.emplace(b, linear->adapter->b);
  }
  return weights;
}

void add_adapter(Decoder& decoder, const AdapterOptions& options, uint64_t seed) {
  if (options.rank < 1) throw Error("a rank of {}; 1 or more would work", options.rank);
  const auto on_device = at::TensorOptions(decoder.device()).dtype(at::kFloat);
  uint64_t number = 0;
  for (const auto& [name, linear] : chosen(decoder, options)) {
    const int64_t in = linear->in, out = linear->out;
    Random random(seed, number++);
    Tensor a = at::empty({options.rank, in}, on_device);
    auto* numbers = a.data_ptr<float>();
    const double reach = 1 / std::sqrt(static_cast<double>(in));
    for (int64_t i = 0; i < a.numel(); ++i) numbers[i] = static_cast<float>((2 * random.uniform() - 1) * reach);
    put(*linear, a, at::zeros({out, options.rank}, on_device), options);
  }
}

AdapterOptions load_adapter(Decoder& decoder, const Path& folder, std::optional<double> dropout, const std::string& fingerprint) {
  AdapterOptions options = read_adapter_options(folder);
  options.dropout = dropout.value_or(options.dropout);
  const Path file = folder / weights_file;
  if (!fingerprint.empty()) {
    const auto metadata = Safetensors(file).metadata();
    const auto base = metadata.find(of_base);
    if (base != metadata.end() && base->second != fingerprint) {
      throw Error("{}: an adapter of another language model (its fingerprint is {}, this one's {})", folder.string(), base->second, fingerprint);
    }
  }
  const auto layers = chosen(decoder, options);
  NamedTensors wanted;
  std::map<std::string, std::array<Tensor, 2>> factors;
  for (const auto& [name, linear] : layers) {
    auto& [a, b] = factors[name] = {at::zeros({options.rank, linear->in}), at::zeros({linear->out, options.rank})};
    const auto [name_a, name_b] = factor_names(name);
    wanted.insert({{name_a, a}, {name_b, b}});
  }
  copy_into(wanted, read_tensors(file), file.string());
  for (const auto& [name, linear] : layers) put(*linear, factors[name][0], factors[name][1], options);
  return options;
}

void save_adapter(const Decoder& decoder, const AdapterOptions& options, const Path& folder, const std::string& base, const std::string& fingerprint) {
  std::filesystem::create_directories(folder);
  NamedTensors weights;
  for (const auto& [name, tensor] : adapter_weights(decoder)) weights.emplace(name, tensor.detach());
  std::map<std::string, std::string> metadata{{"format", "pt"}};
  if (!fingerprint.empty()) metadata[of_base] = fingerprint;
  write_tensors(folder / weights_file, weights, metadata);
  const Json json{{"base_model_name_or_path", base},
                  {"bias", "none"},
                  {"fan_in_fan_out", false},
                  {"inference_mode", true},
                  {"init_lora_weights", true},
                  {"lora_alpha", options.alpha},
                  {"lora_dropout", options.dropout},
                  {"modules_to_save", nullptr},
                  {"peft_type", "LORA"},
                  {"r", options.rank},
                  {"target_modules", options.layers},
                  {"task_type", "CAUSAL_LM"},
                  {"use_rslora", options.rank_stabilised}};
  write_file(folder / options_file, json.dump(1) + "\n");
}

}  // namespace segue
