#include "language/chat_program.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "text/chat_template.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

/// Special tokens are strings, or objects with one.
std::string token_text(const Json& config, const char* name) {
  const auto found = config.find(name);
  if (found == config.end()) return {};
  if (found->is_string()) return found->get<std::string>();
  return found->is_object() ? found->value("content", "") : "";
}

/// The template of a folder; empty where it has none. Of several that have names, the one called default.
std::string chat_template(const Path& folder, const Json& config) {
  if (std::filesystem::exists(folder / "chat_template.jinja")) return read_file(folder / "chat_template.jinja");
  const auto found = config.find("chat_template");
  if (found == config.end()) return {};
  if (found->is_string()) return found->get<std::string>();
  if (!found->is_array()) return {};
  for (const Json& one : *found) {
    if (one.is_object() && one.value("name", "") == "default") return one.value("template", "");
  }
  return {};
}

Json tokenizer_config(const Path& folder) {
  const Path path = folder / "tokenizer_config.json";
  if (!std::filesystem::exists(path)) return Json::object();
  Json config = Json::parse(read_file(path), nullptr, false);
  if (!config.is_object()) throw Error("{}: damaged", path.string());
  return config;
}

}  // namespace

ChatProgram::ChatProgram(const Path& folder) {
  const Json config = tokenizer_config(folder);
  program_ = chat_template(folder, config);
  for (const char* name : {"bos_token", "eos_token", "unk_token", "pad_token"}) special_[name] = token_text(config, name);
}

std::string ChatProgram::written(const std::vector<Said>& conversation, bool answers) const {
  Json values{{"messages", Json::array()}, {"add_generation_prompt", answers}};
  for (const auto& [role, text] : conversation) values["messages"].push_back(Json{{"role", role}, {"content", text}});
  for (const auto& [name, token] : special_) values[name] = token;
  return render_chat_template(program_, values);
}

}  // namespace segue
