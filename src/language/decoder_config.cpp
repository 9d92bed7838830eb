#include "language/decoder_config.h"

#include <nlohmann/json.hpp>

#include "core/registry.h"

namespace segue {
namespace {

using Json = nlohmann::json;

/// null counts as absent.
template <class Value>
Value value_or(const Json& json, const char* name, const Value& otherwise) {
  const auto found = json.find(name);
  return found == json.end() || found->is_null() ? otherwise : found->get<Value>();
}

const Json& object_or_nothing(const Json& json, const char* name) {
  static const Json nothing = Json::object();
  const auto found = json.find(name);
  return found == json.end() || found->is_null() ? nothing : *found;
}

void read_rotary(const Json& json, const std::string& where, DecoderConfig& config) {
  const Json &newer = object_or_nothing(json, "rope_parameters"), &older = object_or_nothing(json, "rope_scaling");
  const Json& rope = newer.empty() ? older : newer;
  config.theta = value_or(json, "rope_theta", value_or(rope, "rope_theta", config.theta));
  const auto type = value_or(rope, "rope_type", value_or(rope, "type", std::string("default")));
  if (type == "default") return;
  if (type != "llama3") throw Error("{}: its positions are scaled as '{}'; known: default, llama3", where, type);
  config.scaling = Rotary::Scaling{rope.at("factor"), rope.at("low_freq_factor"), rope.at("high_freq_factor"), rope.at("original_max_position_embeddings")};
}

void read_llama(const Json& json, DecoderConfig& config) {
  config.bias_qkv = config.bias_out = value_or(json, "attention_bias", false);
  config.bias_inner = value_or(json, "mlp_bias", false);
}

void read_qwen_2(const Json&, DecoderConfig& config) { config.bias_qkv = true; }

using Read = void (*)(const Json&, DecoderConfig&);
const Registry<Read>& architectures() {
  static const Registry<Read> table{"architecture", {{"LlamaForCausalLM", read_llama}, {"Qwen2ForCausalLM", read_qwen_2}}};
  return table;
}

void check(const DecoderConfig& config, const Json& json, const std::string& where) {
  const auto at_least_one = [&](const char* name, int64_t value) {
    if (value < 1) throw Error("{}: {} is {}", where, name, value);
  };
  at_least_one("hidden_size", config.width);
  at_least_one("intermediate_size", config.inner);
  at_least_one("num_hidden_layers", config.layers);
  at_least_one("num_attention_heads", config.heads);
  at_least_one("num_key_value_heads", config.key_heads);
  at_least_one("vocab_size", config.vocabulary);
  at_least_one("max_position_embeddings", config.positions);
  if (config.heads % config.key_heads != 0) throw Error("{}: {} heads can't share {} keys", where, config.heads, config.key_heads);
  if (config.head < 2 || config.head % 2 != 0) throw Error("{}: a head of {} numbers", where, config.head);
  const auto activation = value_or(json, "hidden_act", std::string("silu"));
  if (activation != "silu") throw Error("{}: hidden_act '{}'; known: silu", where, activation);
  if (value_or(json, "use_sliding_window", false)) throw Error("{}: its attention slides along a window, which is not supported", where);
}

}  // namespace

DecoderConfig read_decoder_config(const Path& folder) {
  const Path file = folder / "config.json";
  const std::string where = file.string();
  if (!std::filesystem::exists(file)) throw Error("{}: no config.json here; a folder in the layout of Hugging Face would work", folder.string());
  const Json json = Json::parse(read_file(file), nullptr, false);
  if (!json.is_object()) throw Error("{}: damaged", where);
  DecoderConfig config;
  try {
    const auto names = value_or(json, "architectures", std::vector<std::string>());
    config.architecture = names.empty() ? "" : names.front();
    config.width = json.at("hidden_size");
    config.inner = json.at("intermediate_size");
    config.layers = json.at("num_hidden_layers");
    config.heads = json.at("num_attention_heads");
    config.key_heads = value_or(json, "num_key_value_heads", config.heads);
    config.head = value_or(json, "head_dim", config.heads < 1 ? 0 : config.width / config.heads);
    config.vocabulary = json.at("vocab_size");
    config.positions = value_or(json, "max_position_embeddings", int64_t{2048});
    config.epsilon = value_or(json, "rms_norm_eps", config.epsilon);
    config.tied = value_or(json, "tie_word_embeddings", false);
    read_rotary(json, where, config);
    try {
      architectures().at(config.architecture)(json, config);
    } catch (const Error& unknown) {
      throw Error("{}: {}", where, unknown.what());
    }
  } catch (const Json::exception& bad) {
    throw Error("{}: not as the config.json of a decoder should be: {}", where, bad.what());
  }
  check(config, json, where);
  return config;
}

}  // namespace segue
