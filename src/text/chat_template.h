#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace segue {

/// A chat template of Hugging Face: a program in Jinja that writes a conversation as a model was taught to read it.
///
/// Reads what such templates are made of: output, if, for, set and namespace; strings, numbers, lists; arithmetic,
/// comparisons, `in`, `is`, slices, attributes, the usual filters and methods of strings. Blocks are trimmed as Hugging
/// Face has it. Throws Error on anything else, and where the template itself refuses (raise_exception).
/// values: messages [{role, content}], add_generation_prompt, bos_token, eos_token, …
std::string render_chat_template(std::string_view program, const nlohmann::ordered_json& values);

}  // namespace segue
