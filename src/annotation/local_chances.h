#pragma once

#include <span>
#include <vector>

#include "annotation/local_tree.h"

namespace segue {

/// How likely the texts of a tree are, as far as it was read.
///
/// The chance of a text is the product of its tokens' chances, each among the tokens that may stand there. Texts are compared as
/// wholes, not token by token: the likeliest first token may belong to many texts of which none is likely, as numbers are
/// beside one word for "not known". A token without a rival is certain, and needs no reading.
class TreeChances {
 public:
  explicit TreeChances(const TokenTree& tree);

  /// What comes behind a node that was read (-1: behind what is shared), with scores of its nodes, which are finite.
  void set(int64_t node, std::span<const float> scores);
  /// Nodes of tree.read() to be read next, parents first, or before anything was set together with the beginning.
  /// all: every one. Otherwise those that may lead to the likeliest text, and no further than where texts part.
  std::vector<int64_t> wanted(bool all) const;
  /// Logarithms by text, once all were read.
  std::vector<double> of_texts() const;
  /// The likeliest text, of equal ones the first, once nothing more is wanted.
  size_t likeliest() const;

 private:
  double at_most(int64_t node) const;  // the logarithm of the chance of coming there, as far as it is known
  bool settled(int64_t node) const;    // it is known

  const TokenTree& tree_;
  std::vector<double> share_;       // [nodes] logarithm of its chance among its rivals
  std::vector<bool> open_, read_;   // [nodes] that is not known yet; what comes behind it was set
  std::vector<int64_t> texts_;      // [nodes] behind it
  bool begun_ = false;
};

}  // namespace segue
