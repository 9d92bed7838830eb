#include "annotation/local_chances.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace segue {
namespace {

constexpr double nothing = -std::numeric_limits<double>::infinity();
/// Ways that are read together with the beginning, before it is known which of them are likely.
constexpr size_t few = 2;

}  // namespace

TreeChances::TreeChances(const TokenTree& tree)
    : tree_(tree), share_(tree.nodes().size()), open_(tree.nodes().size()), read_(tree.nodes().size()), texts_(tree.nodes().size()) {
  const auto opens = [&](const std::vector<int64_t>& next) {
    for (const int64_t node : next) open_[static_cast<size_t>(node)] = next.size() > 1;
  };
  opens(tree.first());
  for (auto node = std::ssize(tree.nodes()) - 1; node >= 0; --node) {  // children stand behind
    const auto& [token, parent, next, text] = tree.nodes()[static_cast<size_t>(node)];
    opens(next);
    texts_[static_cast<size_t>(node)] += text >= 0 ? 1 : 0;
    if (parent >= 0) texts_[static_cast<size_t>(parent)] += texts_[static_cast<size_t>(node)];
  }
}

void TreeChances::set(int64_t node, std::span<const float> scores) {
  const auto& next = node < 0 ? tree_.first() : tree_.nodes()[static_cast<size_t>(node)].next;
  const double most = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (const float score : scores) sum += std::exp(score - most);
  for (size_t i = 0; i < next.size(); ++i) {
    share_[static_cast<size_t>(next[i])] = scores[i] - most - std::log(sum);
    open_[static_cast<size_t>(next[i])] = false;
  }
  if (node >= 0) read_[static_cast<size_t>(node)] = true;
  begun_ = true;
}

double TreeChances::at_most(int64_t node) const {
  double sum = 0;
  for (; node >= 0; node = tree_.nodes()[static_cast<size_t>(node)].parent) sum += share_[static_cast<size_t>(node)];
  return sum;
}

bool TreeChances::settled(int64_t node) const {
  for (; node >= 0; node = tree_.nodes()[static_cast<size_t>(node)].parent) {
    if (open_[static_cast<size_t>(node)]) return false;
  }
  return true;
}

std::vector<int64_t> TreeChances::wanted(bool all) const {
  // The likeliest of n texts behind a node has at least an nth of the node's chance.
  double least = nothing;
  for (int64_t node = 0; node < std::ssize(share_); ++node) {
    if (settled(node)) least = std::max(least, at_most(node) - std::log(static_cast<double>(texts_[static_cast<size_t>(node)])));
  }
  std::vector<int64_t> out;
  std::vector<bool> in(share_.size());
  for (const int64_t node : tree_.read()) {
    const auto parent = tree_.nodes()[static_cast<size_t>(node)].parent;
    const bool goes_on = parent >= 0 && in[static_cast<size_t>(parent)] && (all || tree_.nodes()[static_cast<size_t>(parent)].next.size() == 1);
    const bool reached = parent < 0 || read_[static_cast<size_t>(parent)] || goes_on;
    if (read_[static_cast<size_t>(node)] || !reached || (!all && at_most(node) < least)) continue;
    in[static_cast<size_t>(node)] = true;
    out.push_back(node);
  }
  if (!begun_ && !all && out.size() > few) out.clear();
  return out;
}

std::vector<double> TreeChances::of_texts() const {
  std::vector<double> out;
  for (int64_t node = 0; node < std::ssize(share_); ++node) {
    const auto text = tree_.nodes()[static_cast<size_t>(node)].text;
    if (text < 0) continue;
    out.resize(std::max(out.size(), static_cast<size_t>(text) + 1));
    out[static_cast<size_t>(text)] = at_most(node);
  }
  return out;
}

size_t TreeChances::likeliest() const {
  double best = nothing;
  int64_t found = -1;
  for (int64_t node = 0; node < std::ssize(share_); ++node) {
    const auto text = tree_.nodes()[static_cast<size_t>(node)].text;
    if (text < 0 || !settled(node)) continue;
    const double chance = at_most(node);
    if (chance > best || (chance == best && text < found)) best = chance, found = text;
  }
  return static_cast<size_t>(found);
}

}  // namespace segue
