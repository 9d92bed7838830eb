#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "annotation/chat_model.h"

namespace segue {

/// What of a request a server takes. Servers that all call themselves OpenAI-compatible differ in it.
struct Dialect {
  enum class Format {
    json_schema,  // response_format {type: json_schema, …, strict}
    json_beside,  // {type: json_object, schema}: llama.cpp, llama-cpp-python
    json_object,  // any JSON
    text,         // no response_format
  };
  Format format = Format::json_schema;
  bool max_tokens = true;   // false: max_completion_tokens
  bool temperature = true;
  bool seed = true;
  bool operator==(const Dialect&) const = default;

  std::string words() const;  // "response_format json_schema, max_tokens, temperature, seed"
};

/// The body of a request. The seed is cut to 31 bits, which is what all servers take.
std::string chat_body(const ChatRequest& request, const std::string& model, const Dialect& dialect);

/// What all threads know about the dialect of a server. It only ever takes less: what is refused is left out.
///
/// A refusal that names its reason is believed at once, for all. One that names none steps the format down for its own
/// request, and for all as soon as that is answered. Once a dialect was answered, refusals are of their requests alone.
class Dialects {
 public:
  /// where: who it is that takes less, in notes.
  explicit Dialects(std::string where) : where_(std::move(where)) {}

  Dialect current() const;
  /// What to try after a server refused `used`, saying `text` about the parameter `named` (may be empty); nothing where it is
  /// no question of dialect. only_named: a text that names nothing is no such question either.
  std::optional<Dialect> refused(const Dialect& used, const std::string& named, const std::string& text, bool only_named);
  void answered(const Dialect& used);

 private:
  void change(const Dialect& to);

  std::string where_;
  mutable std::mutex mutex_;
  Dialect current_;
  bool proven_ = false;
};

}  // namespace segue
