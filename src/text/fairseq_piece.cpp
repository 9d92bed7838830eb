#include "text/fairseq_piece.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "text/unicode.h"

namespace segue {
namespace {

constexpr int32_t begins = 0, ends = 2, unknown = 3;
constexpr int32_t unknown_piece = 0;  // as SentencePiece numbers it; 1 and 2 begin and end a text

int32_t from_piece(int32_t piece) { return piece == unknown_piece ? unknown : piece + 1; }

}  // namespace

FairseqPiece::FairseqPiece(const Path& file) : file_(file), pieces_(file) {
  const auto special = [](const char* content, int64_t id, bool left) { return nlohmann::json{{"content", content}, {"id", id}, {"lstrip", left}}; };
  added_.emplace(nlohmann::json{special("<s>", 0, false), special("<pad>", 1, false), special("</s>", 2, false), special("<unk>", 3, false), special("<mask>", size() - 1, true)});
}

std::vector<int32_t> FairseqPiece::encode(std::string_view text, bool frame) const {
  const std::string whole = as_utf8(text);
  std::vector<int32_t> ids;
  if (frame) ids.push_back(begins);
  for (const auto& piece : added_->split(whole, false)) {
    if (piece.token != nullptr) {
      ids.push_back(piece.token->id);
      continue;
    }
    for (const int32_t id : pieces_.encode(piece.text, false)) ids.push_back(from_piece(id));
  }
  if (frame) ids.push_back(ends);
  return ids;
}

std::string FairseqPiece::decode(std::span<const int32_t> ids) const {
  std::string text;
  std::vector<int32_t> run;
  const auto flush = [&] {
    if (!run.empty()) text += pieces_.decode(run);
    run.clear();
  };
  for (const int32_t id : ids) {
    if (id < 0 || id >= size()) throw Error("{}: no token has the number {}; there are {}", file_.string(), id, size());
    const auto special = std::find_if(added_->all().begin(), added_->all().end(), [&](const auto& token) { return token.id == id; });
    if (special == added_->all().end()) {
      run.push_back(id - 1);
    } else {
      flush();
      text += special->content;
    }
  }
  flush();
  return text;
}

std::optional<int32_t> FairseqPiece::id_of(std::string_view token) const {
  for (const auto& special : added_->all()) {
    if (special.content == token) return special.id;
  }
  const auto piece = pieces_.id_of(token);
  return piece ? std::optional(from_piece(*piece)) : std::nullopt;
}

}  // namespace segue
