#include "encoders/sentence_modules.h"

#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "core/registry.h"
#include "language/checkpoint.h"

namespace segue {
namespace {

using Json = nlohmann::json;

Json read_settings(const Path& file) {
  if (!std::filesystem::exists(file)) throw Error("{}: there is no such file, but modules.json names its folder", file.string());
  Json json = Json::parse(read_file(file), nullptr, false);
  if (!json.is_object()) throw Error("{}: damaged", file.string());
  return json;
}

void read_transformer(const Path& folder, SentenceModules& into) {
  into.transformer = folder;
  const Path file = folder / "sentence_bert_config.json", tokens = folder / "tokenizer_config.json";
  Json json = Json::object();
  if (std::filesystem::exists(file)) json = read_settings(file);
  if (json.contains("max_seq_length") && !json["max_seq_length"].is_null()) into.length = json["max_seq_length"].get<int64_t>();
  else if (std::filesystem::exists(tokens)) into.length = static_cast<int64_t>(std::min(1e9, read_settings(tokens).value("model_max_length", 1e9)));
  if (into.length < 1) throw Error("{}: max_seq_length is {}", file.string(), into.length);
  into.lower_case = json.value("do_lower_case", false);
}

void read_pooling(const Path& folder, SentenceModules& into) {
  const Path file = folder / "config.json";
  into.pooling = TextPooling(read_settings(file), file.string());
}

void read_dense(const Path& folder, SentenceModules& into) {
  const Path file = folder / "config.json";
  const Json json = read_settings(file);
  const auto in = json.at("in_features").get<int64_t>(), out = json.at("out_features").get<int64_t>();
  const auto activation = json.value("activation_function", std::string("torch.nn.modules.activation.Tanh"));
  const bool tanh = activation.ends_with(".Tanh");
  if (!tanh && !activation.ends_with(".Identity")) throw Error("{}: activation_function is '{}'; known: Identity, Tanh", file.string(), activation);
  const Checkpoint weights(folder);
  SentenceDense dense{{{weights.tensor("linear.weight", {out, in})}, json.value("bias", true) ? weights.tensor("linear.bias", {out}) : Tensor()}, tanh};
  if (!dense.linear.weight.numbers().isfinite().all().item<bool>()) throw Error("{}: 'linear.weight' has numbers that are not finite", folder.string());
  into.dense.push_back(std::move(dense));
}

void read_unit(const Path&, SentenceModules& into) { into.unit = true; }

using Read = void (*)(const Path& folder, SentenceModules& into);
const Registry<Read>& modules() {
  static const Registry<Read> table{"module", {{"Transformer", read_transformer}, {"Pooling", read_pooling}, {"Dense", read_dense}, {"Normalize", read_unit}}};
  return table;
}

/// sentence_transformers.models.Pooling → Pooling
std::string kind_of(const Json& module) {
  const auto type = module.at("type").get<std::string>();
  return type.substr(type.rfind('.') + 1);
}

}  // namespace

SentenceModules read_sentence_modules(const Path& folder) {
  SentenceModules read;
  const Path file = folder / "modules.json";
  try {
    if (!std::filesystem::exists(file)) {
      read_transformer(folder, read);
      return read;
    }
    const Json list = Json::parse(read_file(file), nullptr, false);
    if (!list.is_array() || list.empty()) throw Error("damaged; it should list the modules of an encoder");
    for (const Json& module : list) {
      const auto kind = kind_of(module);
      if ((kind == "Transformer") != (&module == &list.front())) throw Error("a Transformer should come first, and once");
      if (read.unit) throw Error("module {} comes behind Normalize, which should be the last", kind);
      modules().at(kind)(folder / module.at("path").get<std::string>(), read);
    }
  } catch (const Json::exception& bad) {
    throw Error("{}: not as the files of an encoder of sentences should be: {}", file.string(), bad.what());
  } catch (const Error& error) {
    const std::string said = error.what();
    if (said.find(folder.string()) != std::string::npos) throw;
    throw Error("{}: {}", file.string(), said);
  }
  return read;
}

}  // namespace segue
