#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace segue {

/// Cuts a normalised text into the words that the model of a tokenizer sees one by one. `opens` tells that the text is
/// the beginning of all, and not what follows a special token.
using PreTokenizer = std::function<std::vector<std::string>(std::string_view text, bool opens)>;

/// The `pre_tokenizer` of a tokenizer.json, null included. Throws Error on a kind that is not known; `where` is the file.
PreTokenizer pre_tokenizer_of(const nlohmann::json& spec, const std::string& where);

/// Byte-level tokenizers write each byte as one printable character (GPT-2).
std::string bytes_shown(std::string_view bytes);
/// The bytes of a token; a token that has other characters stands for itself.
std::string bytes_behind(std::string_view token);

}  // namespace segue
