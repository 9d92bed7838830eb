#include "annotation/local_reader.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>

namespace segue {
namespace {

constexpr size_t at_once = 512;  // tokens: what they come to inside stays small

struct TreeSight {
  Tensor positions;  // int64 [1, L]
  Tensor visible;    // bool [1, 1, L, past + L]
};

/// n tokens one behind the other, and nodes of a tree that stands behind `trunk` places. place: of each node read, these too.
TreeSight sight_of(int64_t past, int64_t n, int64_t trunk, const TokenTree& tree, const std::vector<int64_t>& nodes, const std::vector<int64_t>& place) {
  const int64_t length = n + std::ssize(nodes), keys = past + length;
  std::vector<uint8_t> visible(static_cast<size_t>(length * keys));
  std::vector<int64_t> positions(static_cast<size_t>(length));
  for (int64_t i = 0; i < length; ++i) {
    const auto row = visible.begin() + static_cast<std::ptrdiff_t>(i * keys);
    int64_t& position = positions[static_cast<size_t>(i)];
    position = i < n ? past + i : trunk - 1;
    std::fill_n(row, position + 1, uint8_t{1});
    for (int64_t node = i < n ? -1 : nodes[static_cast<size_t>(i - n)]; node >= 0; node = tree.nodes()[static_cast<size_t>(node)].parent) {
      row[place[static_cast<size_t>(node)]] = 1;
      ++position;
    }
  }
  return {tensor_of(positions, {1, length}), at::from_blob(visible.data(), {1, 1, length, keys}, at::TensorOptions(at::kByte)).to(at::kBool)};
}

Decoder::Input keys_only() {
  Decoder::Input input;
  input.keys_only = true;
  return input;
}

}  // namespace

void TokenReader::cut(int64_t length) {
  for (auto* all : {&known_.key, &known_.value}) {
    for (Tensor& one : *all) one = one.narrow(2, 0, length);
  }
}

Tensor TokenReader::pass(const std::vector<int32_t>& tokens, Decoder::Input input) {
  const Tensor ids = tensor_of(tokens, {1, std::ssize(tokens)}).to(at::kLong).to(decoder_.device());
  input.vectors = decoder_.vectors_of(ids);
  input.past = input.into = &known_;
  ++passes_;
  tokens_ += std::ssize(tokens);
  return decoder_.forward(input);
}

/// Reads all but the last ones, which it returns.
std::vector<int32_t> TokenReader::read_long(const std::vector<int32_t>& tokens) {
  auto begin = tokens.begin();
  for (; tokens.end() - begin > static_cast<std::ptrdiff_t>(at_once); begin += at_once) {
    pass({begin, begin + at_once}, keys_only());
  }
  return {begin, tokens.end()};
}

void TokenReader::begin(const std::vector<int32_t>& front) {
  place_.clear();
  if (front == front_) return cut(std::ssize(front));
  front_.clear();
  known_ = {};
  if (const auto rest = read_long(front); !rest.empty()) pass(rest, keys_only());
  front_ = front;
}

Tensor TokenReader::read(const std::vector<int32_t>& tokens, const TokenTree& tree, const std::vector<int64_t>& nodes) {
  TORCH_CHECK(!tokens.empty() && place_.empty(), "TokenReader: no tokens, or a tree that was not decided on");
  auto rest = read_long(tokens);
  trunk_ = known_.length() + std::ssize(rest);
  place_.assign(tree.nodes().size(), -1);
  return read_nodes(std::move(rest), tree, nodes);
}

Tensor TokenReader::read_more(const TokenTree& tree, const std::vector<int64_t>& nodes) { return read_nodes({}, tree, nodes); }

/// Returns float [m, H], behind the last of the tokens if there are any, and behind each node.
Tensor TokenReader::read_nodes(std::vector<int32_t> tokens, const TokenTree& tree, const std::vector<int64_t>& nodes) {
  const auto n = std::ssize(tokens);
  for (const int64_t node : nodes) {
    place_[static_cast<size_t>(node)] = known_.length() + std::ssize(tokens);
    tokens.push_back(tree.nodes()[static_cast<size_t>(node)].token);
  }
  Decoder::Input input;
  if (!nodes.empty()) {
    const auto sight = sight_of(known_.length(), n, trunk_, tree, nodes, place_);
    input.positions = sight.positions.to(decoder_.device());
    input.visible = sight.visible.to(decoder_.device());
  }
  std::vector<int64_t> wanted;
  for (int64_t i = std::max<int64_t>(n - 1, 0); i < std::ssize(tokens); ++i) wanted.push_back(i);
  input.read = tensor_of(wanted, {std::ssize(wanted)});
  return pass(tokens, input);
}

size_t TokenReader::keep(const std::vector<int64_t>& way) {
  int64_t end = trunk_;
  for (const int64_t node : way) {
    const int64_t from = place_[static_cast<size_t>(node)];
    if (from < 0) break;
    // Parents stand before their children, so nothing is written over that is still wanted.
    for (auto* all : {&known_.key, &known_.value}) {
      for (Tensor& one : *all) {
        if (from != end) one.narrow(2, end, 1).copy_(one.narrow(2, from, 1));
      }
    }
    ++end;
  }
  place_.clear();
  cut(end);
  return static_cast<size_t>(end - trunk_);
}

}  // namespace segue
