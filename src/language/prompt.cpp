#include "language/prompt.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "language/chat_program.h"
#include "text/tokenizer.h"

namespace segue {
namespace {

/// Stands where the tracks will; no words that anyone would write.
constexpr std::string_view tracks_here = "\x02tracks\x03";

}  // namespace

PromptTokens prompt_tokens(const Path& folder, const PromptWords& words, int64_t vocabulary) {
  const auto tokenizer = open_tokenizer(folder);
  const ChatProgram program(folder);
  PromptTokens tokens;
  if (!words.chat || !program.known()) {
    if (!words.instruction.empty()) tokens.before = tokenizer->encode(words.instruction, true);
    if (!words.response.empty()) tokens.behind = tokenizer->encode(words.response, false);
  } else {
    const std::string text = program.written({{"user", words.instruction + "\n" + std::string(tracks_here)}}, true);
    const size_t at = text.find(tracks_here);
    if (at == std::string::npos) throw Error("{}: its chat template leaves out what the user says", folder.string());
    tokens.before = tokenizer->encode(text.substr(0, at), false);
    tokens.behind = tokenizer->encode(text.substr(at + tracks_here.size()) + words.response, false);
  }
  for (const auto* some : {&tokens.before, &tokens.behind}) {
    for (const int32_t token : *some) {
      if (token >= vocabulary) throw Error("{}: its tokenizer has a token {}, but its model knows {}: they don't belong together", folder.string(), token, vocabulary);
    }
  }
  return tokens;
}

PromptRows prompt_rows(const PromptSizes& sizes, const Tensor& asked) {
  const auto rows = std::ssize(sizes.plays);
  const int64_t m = asked.numel(), past = sizes.past, response = sizes.response, all_words = std::accumulate(sizes.words.begin(), sizes.words.end(), int64_t{0});
  const auto* const place = asked.const_data_ptr<int64_t>();
  const auto words = [&](int64_t b) { return sizes.words.empty() ? 0 : sizes.words[static_cast<size_t>(b)]; };
  std::vector<int64_t> next;  // of each row the first free place; at first behind its words and tracks
  for (int64_t b = 0; b < rows; ++b) next.push_back(words(b) + sizes.plays[static_cast<size_t>(b)]);
  const std::vector<int64_t> trunk = next;
  for (int64_t i = 0; i < m; ++i) next[static_cast<size_t>(place[i] / sizes.tracks)] += response;
  const int64_t length = *std::max_element(next.begin(), next.end());
  next = trunk;

  const auto n = static_cast<size_t>(rows * length);
  std::vector<int64_t> source(n), position(n), read(static_cast<size_t>(m));
  std::vector<uint8_t> visible(n * static_cast<size_t>(past + length));
  const auto see = [&](int64_t b, int64_t from, int64_t begin, int64_t end) {
    auto* const row = visible.data() + (b * length + from) * (past + length);
    std::fill(row + begin, row + std::min(end, past + length), uint8_t{1});
  };
  const auto put = [&](int64_t b, int64_t i, int64_t from, int64_t where) {
    source[static_cast<size_t>(b * length + i)] = from;
    position[static_cast<size_t>(b * length + i)] = where;
  };
  for (int64_t b = 0, spoken = 0; b < rows; spoken += words(b++)) {
    for (int64_t i = 0; i < trunk[static_cast<size_t>(b)]; ++i) {
      put(b, i, i < words(b) ? response + spoken + i : response + all_words + b * sizes.tracks + i - words(b), past + i);
      see(b, i, 0, past + i + 1);
    }
  }
  for (int64_t i = 0; i < m; ++i) {
    const int64_t b = place[i] / sizes.tracks, at = words(b) + place[i] % sizes.tracks, seen = past + at + 1;
    int64_t& begin = next[static_cast<size_t>(b)];
    for (int64_t r = 0; r < response; ++r) {
      put(b, begin + r, r, seen + r);
      see(b, begin + r, 0, seen);
      see(b, begin + r, past + begin, past + begin + r + 1);
    }
    read[static_cast<size_t>(i)] = b * length + (response == 0 ? std::min(at, length - 1) : begin + response - 1);
    begin += response;
  }
  for (int64_t b = 0; b < rows; ++b) {  // padding behind sees itself, for what sees nothing has no softmax
    for (int64_t i = next[static_cast<size_t>(b)]; i < length; ++i) see(b, i, past + i, past + i + 1);
  }
  const Tensor flags = at::from_blob(visible.data(), {rows, 1, length, past + length}, at::TensorOptions(at::kByte)).to(at::kBool);
  return {tensor_of(source, {rows, length}), tensor_of(position, {rows, length}), flags, tensor_of(read, {m})};
}

}  // namespace segue
