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
  /// Goes on with some tokens, at least one, and behind them with nodes of a tree (each after its parent). Returns float [1 + n, H]:
  /// states behind the tokens, and behind each of the nodes.
  Tensor read(const std::vector<int32_t>& tokens, const TokenTree& tree, const std::vector<int64_t>& nodes);
  /// More nodes of that tree. Returns float [n, H].
  Tensor read_more(const TokenTree& tree, const std::vector<int64_t>& nodes);
  /// The way the text went; of the tree's nodes all others are forgotten. Returns how many of it, from its beginning on, were
  /// read.
  size_t keep(const std::vector<int64_t>& way);

  int64_t passes() const { return passes_; }
  int64_t tokens() const { return tokens_; }  // read, those of trees included

 private:
  Tensor pass(const std::vector<int32_t>& tokens, Decoder::Input input);
  std::vector<int32_t> read_long(const std::vector<int32_t>& tokens);
  void cut(int64_t length);
  Tensor read_nodes(std::vector<int32_t> tokens, const TokenTree& tree, const std::vector<int64_t>& nodes);

  const Decoder& decoder_;
  KeyValues known_;
  std::vector<int32_t> front_;
  int64_t trunk_ = 0;             // places before the tree
  std::vector<int64_t> place_;    // of each node of the tree; -1: was not read
  int64_t passes_ = 0, tokens_ = 0;
};

}  // namespace segue
