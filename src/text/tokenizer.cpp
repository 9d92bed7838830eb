#include "text/tokenizer.h"

#include "core/error.h"
#include "text/sentence_piece.h"
#include "text/tokenizer_json.h"

namespace segue {

std::unique_ptr<Tokenizer> open_tokenizer(const Path& folder) {
  const Path json = folder / "tokenizer.json", model = folder / "tokenizer.model";
  if (std::filesystem::exists(json)) return std::make_unique<TokenizerJson>(json);
  if (std::filesystem::exists(model)) return std::make_unique<SentencePiece>(model);
  throw Error("{}: no tokenizer here; a folder with a tokenizer.json or a tokenizer.model would work", folder.string());
}

}  // namespace segue
