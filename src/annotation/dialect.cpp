#include "annotation/dialect.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

Json response_format(Dialect::Format format, const Json& schema) {
  switch (format) {
    case Dialect::Format::json_schema: return {{"type", "json_schema"}, {"json_schema", {{"name", "genes"}, {"strict", true}, {"schema", schema}}}};
    case Dialect::Format::object_with_schema: return {{"type", "json_object"}, {"schema", schema}};
    case Dialect::Format::json_object: return {{"type", "json_object"}};
    case Dialect::Format::text: break;
  }
  return {};
}

}  // namespace

bool Dialect::adapt(std::string_view said) {
  std::string words(said);
  std::transform(words.begin(), words.end(), words.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto names = [&](const char* what) { return words.find(what) != std::string::npos; };
  const auto once = [](bool& on, bool to) { return std::exchange(on, to) != to; };
  const bool of_format = names("response_format") || names("json_schema") || names("schema") || names("grammar");
  if (!of_format) {
    if (names("max_tokens") && once(new_limit, true)) return true;
    if (names("temperature") && once(temperature, false)) return true;
    if (names("seed") && once(seed, false)) return true;
  }
  if (format == Format::text) return false;
  format = static_cast<Format>(static_cast<int>(format) + 1);
  return true;
}

std::string Dialect::in_words() const {
  constexpr const char* formats[] = {"a JSON schema", "a JSON object with a schema", "a JSON object", "words alone"};
  std::string out = std::string("held by ") + formats[static_cast<int>(format)];
  if (!temperature) out += ", without a temperature";
  if (!seed) out += ", without a seed";
  if (new_limit) out += ", with max_completion_tokens";
  return out;
}

std::string request_body(const ChatRequest& request, const std::string& model, const Dialect& dialect) {
  Json body{{"model", model}, {"messages", Json::array()}};
  for (const auto& turn : request.turns) body["messages"].push_back({{"role", turn.role}, {"content", turn.text}});
  if (dialect.temperature) body["temperature"] = request.temperature;
  if (dialect.seed) body["seed"] = request.seed;
  if (request.longest > 0) body[dialect.new_limit ? "max_completion_tokens" : "max_tokens"] = request.longest;
  body["stream"] = false;
  if (request.schema != nullptr && dialect.format != Dialect::Format::text) body["response_format"] = response_format(dialect.format, *request.schema);
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace segue
