#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace segue {

/// Changes the tokens of a text step by step, until written one after the other they are the text.
using TokenDecoder = std::function<std::vector<std::string>(std::vector<std::string> tokens)>;

/// The `decoder` of a tokenizer.json; null: tokens with a space between. Throws Error on a kind that is not known.
TokenDecoder token_decoder_of(const nlohmann::json& spec, const std::string& where);

}  // namespace segue
