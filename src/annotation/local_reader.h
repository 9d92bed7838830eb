#pragma once

#include <cstdint>
#include <vector>

#include "annotation/local_tree.h"
#include "language/decoder.h"

namespace segue {

/// A decoder in the middle of a text, of which it never reads anything twice.
class TokenReader {
 public:
  explicit TokenReader(const Decoder& decoder) : decoder_(decoder) {}

  /// Begins a text. Its front is what was read last time, or else is read by itself: what is read behind it does not depend
  /// on what was read before.
  void begin(const std::vector<int32_t>& front);
  /// Goes on with some tokens, at least one, and then reads all ways of a tree that texts part on. Returns float [1 + n, H]:
  /// states behind the tokens, and behind each of tree.read().
  Tensor read(const std::vector<int32_t>& tokens, const TokenTree& tree);
  /// Which of tree.read() the text went, by their places there; the others are forgotten. After each read().
  void keep(const std::vector<int64_t>& places);

  int64_t passes() const { return passes_; }
  int64_t tokens() const { return tokens_; }  // read, those of trees included

 private:
  Tensor pass(const std::vector<int32_t>& tokens, Decoder::Input input);
  std::vector<int32_t> read_long(const std::vector<int32_t>& tokens);
  void cut(int64_t length);

  const Decoder& decoder_;
  KeyValues known_;
  std::vector<int32_t> front_;
  int64_t tree_ = 0;  // places at the end that are a tree's
  int64_t passes_ = 0, tokens_ = 0;
};

}  // namespace segue
