#include "text/tokenizer.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "text/fairseq_piece.h"
#include "text/sentence_piece.h"
#include "text/tokenizer_json.h"
#include "text/vocabulary_file.h"

namespace segue {

std::unique_ptr<Tokenizer> open_tokenizer(const Path& folder) {
  const Path json = folder / "tokenizer.json", model = folder / "tokenizer.model", pieces = folder / "sentencepiece.bpe.model", words = folder / "vocab.txt";
  if (std::filesystem::exists(json)) return std::make_unique<TokenizerJson>(json);
  if (std::filesystem::exists(model)) return std::make_unique<SentencePiece>(model);
  if (std::filesystem::exists(pieces)) return std::make_unique<FairseqPiece>(pieces);
  if (std::filesystem::exists(words)) return std::make_unique<TokenizerJson>(tokenizer_of_vocabulary(folder), words);
  throw Error("{}: no tokenizer here; a folder with a tokenizer.json, tokenizer.model, sentencepiece.bpe.model or vocab.txt would work", folder.string());
}

}  // namespace segue
