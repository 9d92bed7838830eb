#include "text/sentence_piece.h"

#include <sentencepiece_processor.h>

#include "core/error.h"
#include "text/unicode.h"

namespace segue {

SentencePiece::SentencePiece(const Path& file) : file_(file), processor_(std::make_unique<sentencepiece::SentencePieceProcessor>()) {
  const auto status = processor_->LoadFromSerializedProto(read_file(file));
  if (!status.ok()) throw Error("{}: no model of SentencePiece, or a damaged one: {}", file.string(), status.ToString());
}

SentencePiece::~SentencePiece() = default;

std::vector<int32_t> SentencePiece::encode(std::string_view text, bool frame) const {
  std::vector<int> ids;
  const std::string whole = as_utf8(text);
  const auto status = processor_->Encode(whole, &ids);
  if (!status.ok()) throw Error("{}: can't cut a text of {} bytes: {}", file_.string(), text.size(), status.ToString());
  if (frame && processor_->bos_id() >= 0) ids.insert(ids.begin(), processor_->bos_id());
  return ids;
}

std::string SentencePiece::decode(std::span<const int32_t> ids) const {
  for (const int32_t id : ids) {
    if (id < 0 || id >= size()) throw Error("{}: no token has the number {}; there are {}", file_.string(), id, size());
  }
  std::string text;
  const auto status = processor_->Decode(std::vector<int>(ids.begin(), ids.end()), &text);
  if (!status.ok()) throw Error("{}: can't write {} tokens out: {}", file_.string(), ids.size(), status.ToString());
  return text;
}

int64_t SentencePiece::size() const { return processor_->GetPieceSize(); }

std::optional<int32_t> SentencePiece::id_of(std::string_view token) const {
  const int id = processor_->PieceToId(std::string(token));
  return processor_->IdToPiece(id) == token ? std::optional<int32_t>(id) : std::nullopt;
}

}  // namespace segue
