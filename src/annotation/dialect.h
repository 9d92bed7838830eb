#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "annotation/chat_model.h"

namespace segue {

/// Which of the ways to ask a server takes.
struct Dialect {
  enum class Format {
    json_schema,  // response_format {type: json_schema, json_schema: {…}}
    object_with_schema,  // {type: json_object, schema: {…}}, as llama.cpp and llama-cpp-python take it
    json_object,
    text,         // no response_format
  };
  Format format = Format::json_schema;
  bool temperature = true, seed = true;
  bool new_limit = false;  // max_completion_tokens in place of max_tokens

  bool operator==(const Dialect&) const = default;
  /// What else to try after a server refused with these words. False where there is nothing: then it stays as it was.
  bool adapt(std::string_view words);
  /// For the person: "JSON schema", "JSON object, without seed".
  std::string in_words() const;
};

/// The body of a request.
std::string request_body(const ChatRequest& request, const std::string& model, const Dialect& dialect);

}  // namespace segue
