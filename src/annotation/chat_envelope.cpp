#include "annotation/chat_envelope.h"

#include <nlohmann/json.hpp>

#include "core/console.h"

namespace segue {
namespace {

using Json = nlohmann::json;

/// A null where there is none.
const Json& at(const Json& json, const char* key) {
  static const Json none;
  const auto found = json.is_object() ? json.find(key) : json.end();
  return json.is_object() && found != json.end() ? *found : none;
}

std::string text_of(const Json& json) { return json.is_string() ? json.get<std::string>() : ""; }

int64_t tokens_of(const Json& json) {
  if (!json.is_number_integer()) return -1;
  const auto count = json.get<int64_t>();
  return count >= 0 && count < 1'000'000'000'000 ? count : -1;
}

/// A text, or a list of parts of which some are texts.
std::string content_of(const Json& content) {
  if (!content.is_array()) return text_of(content);
  std::string text;
  for (const auto& part : content) text += part.is_string() ? part.get<std::string>() : text_of(at(part, "text"));
  return text;
}

std::optional<ChatAnswer> answer_of(const Json& json) {
  const Json& choices = at(json, "choices");
  if (!choices.is_array() || choices.empty() || !at(choices[0], "message").is_object()) return std::nullopt;
  const std::string finish = text_of(at(choices[0], "finish_reason"));
  if (finish == "error") return std::nullopt;
  const Json& message = at(choices[0], "message");
  const bool held_back = finish == "content_filter" || !text_of(at(message, "refusal")).empty();
  ChatAnswer answer;
  if (!held_back) answer.text = content_of(at(message, "content"));
  answer.whole = finish != "length";
  answer.prompt_tokens = tokens_of(at(at(json, "usage"), "prompt_tokens"));
  answer.answer_tokens = tokens_of(at(at(json, "usage"), "completion_tokens"));
  return answer;
}

std::string words_of(const Json& json) {
  const Json& error = at(json, "error");
  for (const Json* text : {&at(error, "message"), &error, &at(json, "message"), &at(json, "detail")}) {
    if (text->is_string()) return text->get<std::string>();
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

ChatEnvelope read_envelope(const std::string& body) {
  ChatEnvelope envelope;
  const Json json = Json::parse(valid_utf8(body), nullptr, false);
  if (!json.is_object()) {
    envelope.error = body;
    return envelope;
  }
  envelope.answer = answer_of(json);
  if (envelope.answer) return envelope;
  envelope.error = words_of(json);
  const Json& error = at(json, "error");
  envelope.named = text_of(at(error, "param"));
  for (const char* key : {"code", "type"}) {
    if (envelope.named.empty()) envelope.named = text_of(at(error, key));
  }
  const int64_t code = tokens_of(at(error, "code"));
  if (code >= 400 && code < 600) envelope.status = static_cast<long>(code);
  return envelope;
}

}  // namespace segue
