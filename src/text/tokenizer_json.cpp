#include "text/tokenizer_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "text/unicode.h"

namespace segue {
namespace {

using Json = nlohmann::json;

const Json& part(const Json& whole, const char* name) {
  static const Json nothing;
  const auto found = whole.find(name);
  return found == whole.end() ? nothing : *found;
}

}  // namespace

TokenizerJson::TokenizerJson(const Path& file) : TokenizerJson(Json::parse(read_file(file), nullptr, false), file) {}

TokenizerJson::TokenizerJson(const Json& whole, const Path& file) : file_(file) {
  const std::string where = file.string();
  if (!whole.is_object() || !whole.contains("model")) throw Error("{}: no tokenizer.json, or a damaged one", where);
  try {
    read(whole, where);
  } catch (const Json::exception& e) {
    throw Error("{}: not as a tokenizer.json should be: {}", where, e.what());
  }
}

void TokenizerJson::read(const Json& whole, const std::string& where) {
  added_.emplace(part(whole, "added_tokens"));
  normalise_ = normalizer_of(part(whole, "normalizer"), where);
  words_ = pre_tokenizer_of(part(whole, "pre_tokenizer"), where);
  model_ = token_model_of(whole.at("model"), where);
  decoder_ = token_decoder_of(part(whole, "decoder"), where);
  size_ = model_->vocabulary().size();
  for (const auto& token : added_->all()) {
    added_ids_.emplace(token.content, token.id);
    added_contents_.emplace(token.id, token.content);
    size_ = std::max<int64_t>(size_, token.id + 1);
  }
  take_frame(part(whole, "post_processor"), where);
}

/// What is put around every single text.
void TokenizerJson::take_frame(const Json& processor, const std::string& where) {
  if (processor.is_null()) return;
  const auto type = processor.at("type").get<std::string>();
  if (type == "Sequence") {
    for (const Json& one : processor.at("processors")) take_frame(one, where);
  } else if (type == "TemplateProcessing") {
    bool behind = false;
    for (const Json& one : processor.at("single")) {
      behind = behind || one.contains("Sequence");
      if (!one.contains("SpecialToken")) continue;
      const auto ids = processor.at("special_tokens").at(one["SpecialToken"].at("id").get<std::string>()).at("ids").get<std::vector<int32_t>>();
      auto& side = behind ? after_ : before_;
      side.insert(side.end(), ids.begin(), ids.end());
    }
  } else if (type == "BertProcessing" || type == "RobertaProcessing") {
    before_.push_back(processor.at("cls").at(1).get<int32_t>());
    after_.push_back(processor.at("sep").at(1).get<int32_t>());
  } else if (type != "ByteLevel") {  // that one only moves places in the text, of which none are kept
    throw Error("{}: no post_processor '{}'; known: BertProcessing, ByteLevel, RobertaProcessing, Sequence, TemplateProcessing", where, type);
  }
}

std::vector<int32_t> TokenizerJson::encode(std::string_view text, bool frame) const {
  const std::string whole = as_utf8(text);
  std::vector<int32_t> ids;
  if (frame) ids = before_;
  bool opens = true;
  for (const auto& piece : added_->split(whole, false)) {
    if (piece.token != nullptr) {
      ids.push_back(piece.token->id);
    } else {
      encode_plain(piece.text, opens, ids);
    }
    opens = false;
  }
  if (frame) ids.insert(ids.end(), after_.begin(), after_.end());
  return ids;
}

void TokenizerJson::encode_plain(std::string_view text, bool opens, std::vector<int32_t>& into) const {
  const std::string normal = normalise_(text);
  for (const auto& piece : added_->split(normal, true)) {
    if (piece.token != nullptr) {
      into.push_back(piece.token->id);
      continue;
    }
    for (const auto& word : words_(piece.text, opens && piece.text.data() == normal.data())) model_->tokens_of(word, into);
  }
}

std::string TokenizerJson::decode(std::span<const int32_t> ids) const {
  std::vector<std::string> tokens;
  for (const int32_t id : ids) {
    const auto added = added_contents_.find(id);
    const auto token = added == added_contents_.end() ? model_->vocabulary().token(id) : added->second;
    if (token.empty()) throw Error("{}: no token has the number {}; there are {}", file_.string(), id, size_);
    tokens.emplace_back(token);
  }
  std::string text;
  for (const auto& one : decoder_(std::move(tokens))) text += one;
  return text;
}

std::optional<int32_t> TokenizerJson::id_of(std::string_view token) const {
  const auto added = added_ids_.find(token);
  return added == added_ids_.end() ? model_->vocabulary().find(token) : std::optional(added->second);
}

}  // namespace segue
