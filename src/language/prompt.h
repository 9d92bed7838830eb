#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/files.h"
#include "core/tensor.h"

namespace segue {

/// The words around a listener's tracks: an instruction before them, a response behind them that the model is about to
/// go on with (E4SRec: Li et al., 2023, arXiv:2312.02443).
struct PromptWords {
  std::string instruction;
  std::string response;
  bool chat = true;  // as a conversation, where the checkpoint's tokenizer_config.json has a chat template
};

/// The same as tokens.
struct PromptTokens {
  std::vector<int32_t> before, behind;

  int64_t length() const { return std::ssize(before) + std::ssize(behind); }
};

/// As the checkpoint's own files say: a token that begins every text (BOS) where its tokenizer has one, and with `chat` all
/// that its chat template puts around what a user says, and before what the model says. Differs from E4SRec, which leaves
/// both out. Throws Error: no tokenizer there, a token that a model of so many does not know, a template that can't be read.
PromptTokens prompt_tokens(const Path& folder, const PromptWords& words, int64_t vocabulary);

/// How the rows of a batch stand before a decoder: words of the row, tracks, and copies of the response.
///
/// Every place that is asked has a copy of the response of its own, which sees the words, the tracks up to its place, and
/// itself: a tree whose trunk is read once. So all positions of a window can be asked at once, each exactly as if the
/// window ended there. No padding stands between what is seen.
struct PromptRows {
  Tensor source;     // int64 [B, L] row of cat(response [R], words of all rows [W], tracks [B · T])
  Tensor positions;  // int64 [B, L]
  Tensor visible;    // bool [B, 1, L, past + L]
  Tensor read;       // int64 [m] of b · L + t: the last token of the response of each place
};

struct PromptSizes {
  int64_t past = 0;             // positions read before, by all rows
  int64_t tracks = 0;           // T, padding included
  int64_t response = 0;         // R
  std::vector<int64_t> plays;   // [B] tracks of each row that are no padding
  std::vector<int64_t> words;   // [B] tokens of its own with which each row begins; or empty
};

/// asked: int64 [m] of b · T + t.
PromptRows prompt_rows(const PromptSizes& sizes, const Tensor& asked);

}  // namespace segue
