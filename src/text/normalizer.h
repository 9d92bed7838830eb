#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace segue {

/// What is done to a text before it is cut into words; valid UTF-8 in and out.
using Normalizer = std::function<std::string(std::string_view)>;

/// The `normalizer` of a tokenizer.json, null included. Throws Error on a kind that is not known; `where` is the file.
Normalizer normalizer_of(const nlohmann::json& spec, const std::string& where);

}  // namespace segue
