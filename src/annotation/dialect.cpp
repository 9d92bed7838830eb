#include "annotation/dialect.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/progress.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, 4> format_names{"response_format json_schema", "response_format json_object with a schema", "response_format json_object",
                                                  "no response_format"};

Dialect less(const Dialect& a, const Dialect& b) {
  return {std::max(a.format, b.format), a.max_tokens && b.max_tokens, a.temperature && b.temperature, a.seed && b.seed};
}

std::optional<Dialect> coarser(Dialect dialect) {
  if (dialect.format == Dialect::Format::text) return std::nullopt;
  dialect.format = static_cast<Dialect::Format>(static_cast<int>(dialect.format) + 1);
  return dialect;
}

/// Where the text has the word, not as a part of a longer one.
size_t find_word(const std::string& text, const std::string& word) {
  const auto letter = [&](size_t i) { return i < text.size() && text[i] >= 'a' && text[i] <= 'z'; };
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    if ((at == 0 || !letter(at - 1)) && !letter(at + word.size())) return at;
  }
  return std::string::npos;
}

/// Without what the text names first, among what can still be left out.
std::optional<Dialect> without_named(const Dialect& used, const std::string& text) {
  std::optional<Dialect> next;
  size_t first = std::string::npos;
  const auto offer = [&](const char* name, const std::optional<Dialect>& change) {
    const size_t at = find_word(text, name);
    if (at >= first || !change) return;
    first = at;
    next = change;
  };
  for (const char* name : {"response_format", "json_schema", "json_object", "schema", "grammar"}) offer(name, coarser(used));
  const auto drop = [&](const char* name, bool Dialect::*field) {
    Dialect change = used;
    change.*field = false;
    if (used.*field) offer(name, change);
  };
  drop("max_tokens", &Dialect::max_tokens);
  drop("temperature", &Dialect::temperature);
  drop("seed", &Dialect::seed);
  return next;
}

/// Prompts that are too long and contents that are not wanted are no question of dialect, whatever else the text names.
bool is_about_the_content(const std::string& text) {
  for (const char* sign : {"context length", "context_length", "context size", "context window", "maximum context", "too long", "too large", "content_filter", "content management"}) {
    if (text.find(sign) != std::string::npos) return true;
  }
  return false;
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// As text, for the schema is long and need not be copied.
std::string response_format(const Json& schema, Dialect::Format format) {
  switch (format) {
    case Dialect::Format::json_schema: return R"({"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":)" + dump(schema) + "}}";
    case Dialect::Format::json_beside: return R"({"type":"json_object","schema":)" + dump(schema) + "}";
    default: return R"({"type":"json_object"})";
  }
}

}  // namespace

std::string Dialect::words() const {
  return std::string(format_names[static_cast<size_t>(format)]) + (max_tokens ? ", max_tokens" : ", max_completion_tokens") +
         (temperature ? ", temperature" : ", no temperature") + (seed ? ", seed" : ", no seed");
}

std::string chat_body(const ChatRequest& request, const std::string& model, const Dialect& dialect) {
  Json json{{"model", model}, {"messages", Json::array()}};
  for (const auto& turn : request.turns) json["messages"].push_back({{"role", turn.role}, {"content", turn.text}});
  if (dialect.temperature) json["temperature"] = request.temperature;
  if (dialect.seed) json["seed"] = request.seed & 0x7fffffff;
  if (request.longest > 0) json[dialect.max_tokens ? "max_tokens" : "max_completion_tokens"] = request.longest;
  json["stream"] = false;
  std::string body = dump(json);
  if (request.schema == nullptr || dialect.format == Dialect::Format::text) return body;
  body.back() = ',';
  return body + R"("response_format":)" + response_format(*request.schema, dialect.format) + "}";
}

Dialect Dialects::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

std::optional<Dialect> Dialects::refused(const Dialect& used, const std::string& named, const std::string& words, bool only_named) {
  const std::string text = lower(words);
  const std::lock_guard lock(mutex_);
  if (const Dialect known = less(used, current_); known != used) return known;  // another thread found out meanwhile
  if (is_about_the_content(text)) return std::nullopt;
  auto next = without_named(used, lower(named));
  if (!next) next = without_named(used, text);
  if (next && !proven_) change(*next);
  if (!next && !only_named && !proven_) next = coarser(used);
  return next;
}

void Dialects::answered(const Dialect& used) {
  const std::lock_guard lock(mutex_);
  if (proven_) return;
  change(less(used, current_));
  proven_ = used == current_;
}

void Dialects::change(const Dialect& to) {
  if (to == current_) return;
  current_ = to;
  note(where_ + " takes less than was asked; from now on: " + to.words());
}

}  // namespace segue
