#pragma once

#include <cstdint>
#include <vector>

namespace segue {

/// Texts as tokens, of which one is to be chosen: what they begin with together, and a tree of what comes then.
class TokenTree {
 public:
  struct Node {
    int32_t token;
    int64_t parent;                 // -1: behind what is shared
    std::vector<int64_t> next = {}; // nodes, ascending
    int64_t text = -1;              // that ends here
  };

  /// Throws Error where one text begins with another, or is one: a tokenizer that can't tell them apart.
  explicit TokenTree(const std::vector<std::vector<int32_t>>& texts);

  const std::vector<int32_t>& shared() const { return shared_; }
  /// Parents before their children.
  const std::vector<Node>& nodes() const { return nodes_; }
  /// Where the texts part first.
  const std::vector<int64_t>& first() const { return first_; }
  /// Nodes behind which texts part, and those that lead there: what has to be read for a choice.
  const std::vector<int64_t>& read() const { return read_; }
  /// Nodes on the way of a text.
  std::vector<int64_t> way_of(int64_t text) const;
  /// How many of them have rivals.
  int64_t partings(const std::vector<int64_t>& way) const;

 private:
  std::vector<int32_t> shared_;
  std::vector<Node> nodes_;
  std::vector<int64_t> first_, read_;
};

}  // namespace segue
