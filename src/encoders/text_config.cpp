#include "encoders/text_config.h"

#include <nlohmann/json.hpp>

namespace segue {
namespace {

using Json = nlohmann::json;

constexpr TextLayerNames bert_names{"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense", "attention.output.LayerNorm"};
constexpr TextLayerNames mpnet_names{"attention.attn.q", "attention.attn.k", "attention.attn.v", "attention.attn.o", "attention.LayerNorm"};

/// null counts as absent.
template <class Value>
Value value_or(const Json& json, const char* name, const Value& otherwise) {
  const auto found = json.find(name);
  return found == json.end() || found->is_null() ? otherwise : found->get<Value>();
}

void require(const Json& json, const char* name, const std::string& only, const std::string& where) {
  const auto given = value_or(json, name, only);
  if (given != only) throw Error("{}: {} is '{}'; known: {}", where, name, given, only);
}

void check(const TextConfig& config, const std::string& where) {
  const auto within = [&](const char* name, int64_t value, int64_t least) {
    if (value < least || value > 100'000'000) throw Error("{}: {} is {}", where, name, value);
  };
  within("hidden_size", config.width, 1);
  within("intermediate_size", config.inner, 1);
  within("num_hidden_layers", config.layers, 1);
  within("num_attention_heads", config.heads, 1);
  within("vocab_size", config.vocabulary, 1);
  within("type_vocab_size", config.kinds, config.architecture.kinds ? 1 : 0);
  within("pad_token_id", config.padding, 0);
  within("relative_attention_num_buckets", config.buckets, config.architecture.relative ? 4 : 0);
  within("max_position_embeddings", config.positions, config.first_position() + 1);
  if (config.width % config.heads != 0) throw Error("{}: {} heads can't share {} numbers", where, config.heads, config.width);
  if (config.buckets % 4 != 0) throw Error("{}: relative_attention_num_buckets is {}; multiples of 4 would work", where, config.buckets);
  if (!(config.epsilon > 0)) throw Error("{}: layer_norm_eps is {}", where, config.epsilon);
}

}  // namespace

const Registry<TextArchitecture>& text_architectures() {
  static const Registry<TextArchitecture> table{
      "encoder of words",
      {
          {"bert", {"bert.", bert_names, true, false, false, 1e-12}},
          {"mpnet", {"mpnet.", mpnet_names, false, true, true, 1e-12}},
          {"roberta", {"roberta.", bert_names, true, true, false, 1e-12}},
          {"xlm-roberta", {"roberta.", bert_names, true, true, false, 1e-12}},
      },
  };
  return table;
}

TextConfig text_config_of(const Json& part, const std::string& architecture, const std::string& where) try {
  TextConfig config;
  config.name = architecture;
  config.architecture = text_architectures().at(architecture);
  const bool behind = config.architecture.behind_padding;
  config.width = value_or(part, "hidden_size", int64_t{768});
  config.inner = value_or(part, "intermediate_size", int64_t{3072});
  config.layers = value_or(part, "num_hidden_layers", int64_t{12});
  config.heads = value_or(part, "num_attention_heads", int64_t{12});
  config.vocabulary = value_or(part, "vocab_size", int64_t{architecture == "roberta" ? 50265 : 30522});
  config.positions = value_or(part, "max_position_embeddings", int64_t{behind ? 514 : 512});
  if (config.architecture.kinds) config.kinds = value_or(part, "type_vocab_size", int64_t{behind ? 1 : 2});
  if (config.architecture.relative) config.buckets = value_or(part, "relative_attention_num_buckets", int64_t{32});
  config.padding = value_or(part, "pad_token_id", int64_t{behind ? 1 : 0});
  config.epsilon = value_or(part, "layer_norm_eps", config.architecture.epsilon);
  require(part, "hidden_act", "gelu", where);
  require(part, "position_embedding_type", "absolute", where);
  check(config, where);
  return config;
} catch (const Json::exception& bad) {
  throw Error("{}: not as the config.json of an encoder of words should be: {}", where, bad.what());
}

TextConfig read_text_config(const Path& folder) {
  const Path file = folder / "config.json";
  if (!std::filesystem::exists(file)) throw Error("{}: no encoder of words here (it has no config.json)", folder.string());
  const Json json = Json::parse(read_file(file), nullptr, false);
  if (!json.is_object()) throw Error("{}: damaged", file.string());
  const auto type = json.find("model_type");
  if (type == json.end() || !type->is_string()) throw Error("{}: names no model_type", file.string());
  try {
    text_architectures().at(type->get<std::string>());
  } catch (const Error& unknown) {
    throw Error("{}: {}", file.string(), unknown.what());
  }
  return text_config_of(json, type->get<std::string>(), file.string());
}

}  // namespace segue
