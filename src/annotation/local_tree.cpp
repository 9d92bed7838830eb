#include "annotation/local_tree.h"

#include <algorithm>

#include "core/error.h"

namespace segue {
namespace {

size_t shared_by_all(const std::vector<std::vector<int32_t>>& texts) {
  size_t n = texts.front().size();
  for (const auto& text : texts) {
    const auto most = static_cast<std::ptrdiff_t>(std::min(n, text.size()));
    n = static_cast<size_t>(std::mismatch(text.begin(), text.begin() + most, texts.front().begin()).first - text.begin());
  }
  return n;
}

}  // namespace

TokenTree::TokenTree(const std::vector<std::vector<int32_t>>& texts) {
  const size_t n = shared_by_all(texts);
  shared_.assign(texts.front().begin(), texts.front().begin() + static_cast<std::ptrdiff_t>(n));
  const auto refuse = [] { throw Error("this model's tokenizer can't tell two of the allowed answers apart: a model of another kind would work"); };
  for (size_t i = 0; i < texts.size(); ++i) {
    int64_t at = -1;
    for (size_t k = n; k < texts[i].size(); ++k) {
      auto& next = at < 0 ? first_ : nodes_[static_cast<size_t>(at)].next;
      const auto found = std::find_if(next.begin(), next.end(), [&](int64_t node) { return nodes_[static_cast<size_t>(node)].token == texts[i][k]; });
      if (found != next.end()) {
        at = *found;
      } else {
        if (at >= 0 && nodes_[static_cast<size_t>(at)].text >= 0) refuse();
        next.push_back(std::ssize(nodes_));
        nodes_.push_back({texts[i][k], at});
        at = std::ssize(nodes_) - 1;
      }
    }
    if (at < 0 ? texts.size() > 1 : nodes_[static_cast<size_t>(at)].text >= 0 || !nodes_[static_cast<size_t>(at)].next.empty()) refuse();
    if (at >= 0) nodes_[static_cast<size_t>(at)].text = static_cast<int64_t>(i);
  }
  std::vector<bool> leads(nodes_.size());
  for (auto node = std::ssize(nodes_) - 1; node >= 0; --node) {  // children stand behind
    const auto& [token, parent, next, text] = nodes_[static_cast<size_t>(node)];
    if (next.size() > 1) leads[static_cast<size_t>(node)] = true;
    if (leads[static_cast<size_t>(node)] && parent >= 0) leads[static_cast<size_t>(parent)] = true;
  }
  for (int64_t node = 0; node < std::ssize(nodes_); ++node) {
    if (leads[static_cast<size_t>(node)]) read_.push_back(node);
  }
}

std::vector<int64_t> TokenTree::way_of(int64_t text) const {
  std::vector<int64_t> way;
  for (int64_t node = 0; node < std::ssize(nodes_); ++node) {
    if (nodes_[static_cast<size_t>(node)].text != text) continue;
    for (int64_t at = node; at >= 0; at = nodes_[static_cast<size_t>(at)].parent) way.push_back(at);
  }
  std::reverse(way.begin(), way.end());
  return way;
}

int64_t TokenTree::partings(const std::vector<int64_t>& way) const {
  return std::count_if(way.begin(), way.end(), [this](int64_t node) {
    const int64_t parent = nodes_[static_cast<size_t>(node)].parent;
    return (parent < 0 ? first_ : nodes_[static_cast<size_t>(parent)].next).size() > 1;
  });
}

}  // namespace segue
