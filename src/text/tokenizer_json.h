#pragma once

#include "text/added_tokens.h"
#include "text/normalizer.h"
#include "text/pre_tokenizer.h"
#include "text/token_decoder.h"
#include "text/token_model.h"
#include "text/tokenizer.h"

namespace segue {

/// A tokenizer.json, the format of Hugging Face's `tokenizers`: added tokens are found, the text between is normalised,
/// cut into words, and each word into tokens by the model.
class TokenizerJson : public Tokenizer {
 public:
  explicit TokenizerJson(const Path& file);
  /// What such a file would say; `file` is named in errors.
  TokenizerJson(const nlohmann::json& whole, const Path& file);
  std::vector<int32_t> encode(std::string_view text, bool frame) const override;
  std::string decode(std::span<const int32_t> ids) const override;
  int64_t size() const override { return size_; }
  std::optional<int32_t> id_of(std::string_view token) const override;

 private:
  void read(const nlohmann::json& whole, const std::string& where);
  void take_frame(const nlohmann::json& processor, const std::string& where);
  void encode_plain(std::string_view text, bool opens, std::vector<int32_t>& into) const;

  Path file_;
  std::optional<AddedTokens> added_;
  Normalizer normalise_;
  PreTokenizer words_;
  std::unique_ptr<TokenModel> model_;
  TokenDecoder decoder_;
  std::vector<int32_t> before_, after_;  // the frame
  std::unordered_map<std::string_view, int32_t> added_ids_;
  std::unordered_map<int32_t, std::string_view> added_contents_;
  int64_t size_ = 0;
};

}  // namespace segue
