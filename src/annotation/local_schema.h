#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace segue {

/// A stretch of an answer: text that is certain, and behind it one of several texts. The last stretch has no choice.
struct AnswerPart {
  std::string text;
  std::vector<std::string> choices = {};
};

/// All answers that a schema (ChatRequest::schema) allows, as JSON without blanks. Numbers are as short as can be; in strings
/// "<" is escaped, so that none is a special token of a model. Throws std::invalid_argument where the schema has something
/// else in it, or more or fewer strings than there are.
std::vector<AnswerPart> answer_parts(const nlohmann::ordered_json& schema, const std::vector<std::string>& strings);

}  // namespace segue
