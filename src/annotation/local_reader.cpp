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

/// n tokens one behind the other, and a tree behind the last.
TreeSight sight_of(int64_t past, int64_t n, const TokenTree& tree) {
  const int64_t length = n + std::ssize(tree.read()), keys = past + length;
  std::vector<uint8_t> visible(static_cast<size_t>(length * keys));
  std::vector<int64_t> positions(static_cast<size_t>(length)), place(tree.nodes().size(), -1);
  const auto row = [&](int64_t i) { return visible.begin() + static_cast<std::ptrdiff_t>(i * keys); };
  for (int64_t i = 0; i < length; ++i) {
    if (i < n) {
      std::fill_n(row(i), past + i + 1, uint8_t{1});
      positions[static_cast<size_t>(i)] = past + i;
      continue;
    }
    const int64_t node = tree.read()[static_cast<size_t>(i - n)], parent = tree.nodes()[static_cast<size_t>(node)].parent;
    const int64_t from = parent < 0 ? n - 1 : place[static_cast<size_t>(parent)];  // sees what its parent sees, and itself
    std::copy_n(row(from), keys, row(i));
    row(i)[past + i] = 1;
    place[static_cast<size_t>(node)] = i;
    positions[static_cast<size_t>(i)] = positions[static_cast<size_t>(from)] + 1;
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
  tree_ = 0;
  if (front == front_) return cut(std::ssize(front));
  front_.clear();
  known_ = {};
  if (const auto rest = read_long(front); !rest.empty()) pass(rest, keys_only());
  front_ = front;
}

Tensor TokenReader::read(const std::vector<int32_t>& tokens, const TokenTree& tree) {
  TORCH_CHECK(!tokens.empty() && tree_ == 0, "TokenReader: no tokens, or a tree that was not decided on");
  auto now = read_long(tokens);
  const auto n = std::ssize(now);
  Decoder::Input input;
  if (!tree.read().empty()) {
    const auto sight = sight_of(known_.length(), n, tree);
    input.positions = sight.positions.to(decoder_.device());
    input.visible = sight.visible.to(decoder_.device());
  }
  for (const int64_t node : tree.read()) now.push_back(tree.nodes()[static_cast<size_t>(node)].token);
  std::vector<int64_t> wanted;
  for (int64_t i = n - 1; i < std::ssize(now); ++i) wanted.push_back(i);
  input.read = tensor_of(wanted, {std::ssize(wanted)});
  tree_ = std::ssize(tree.read());
  return pass(now, input);
}

void TokenReader::keep(const std::vector<int64_t>& places) {
  const int64_t begin = known_.length() - tree_;
  for (auto* all : {&known_.key, &known_.value}) {
    for (Tensor& one : *all) {
      // Parents stand before their children, so nothing is written over that is still wanted.
      for (int64_t i = 0; i < std::ssize(places); ++i) {
        const int64_t from = places[static_cast<size_t>(i)];
        if (from != i) one.narrow(2, begin + i, 1).copy_(one.narrow(2, begin + from, 1));
      }
    }
  }
  tree_ = 0;
  cut(begin + std::ssize(places));
}

}  // namespace segue
