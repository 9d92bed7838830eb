// States of encoders of words made by the libraries of their makers; see the README of the oracles.
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/tensor_files.h"
#include "encoders/text_transformer.h"
#include "support/oracles.h"

namespace segue {
namespace {

double distance(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

std::vector<Path> folders() {
  std::set<Path> found;
  if (!std::filesystem::exists(oracles() / "text")) return {};
  for (const auto& entry : std::filesystem::directory_iterator(oracles() / "text")) {
    if (std::filesystem::exists(entry.path() / "expected.safetensors")) found.insert(entry.path());
  }
  return {found.begin(), found.end()};
}

/// The tokens of a row that are no padding, and where they stand.
std::vector<int32_t> tokens_of(const Tensor& ids, const Tensor& mask) {
  std::vector<int32_t> tokens;
  for (int64_t t = 0; t < ids.size(0); ++t) {
    if (mask[t].item<int64_t>() != 0) tokens.push_back(ids[t].item<int32_t>());
  }
  return tokens;
}

TEST(TextTransformerOracle, GivesTheSameStates) {
  if (folders().empty()) GTEST_SKIP() << "no oracles: name their folder in SEGUE_ORACLES";
  for (const Path& folder : folders()) {
    SCOPED_TRACE(folder.filename().string());
    const TextTransformer transformer(Checkpoint(folder), read_text_config(folder), {});
    const auto expected = read_tensors(folder / "expected.safetensors");
    int64_t cases = 0;
    for (const auto& [name, ids] : expected) {
      if (!name.ends_with(".input_ids")) continue;
      const std::string of = name.substr(0, name.size() - 9);
      const Tensor &mask = expected.at(of + "attention_mask"), &hidden = expected.at(of + "hidden");
      std::vector<std::vector<int32_t>> texts;
      for (int64_t row = 0; row < ids.size(0); ++row) texts.push_back(tokens_of(ids[row], mask[row]));
      const Tensor states = transformer.states(texts);
      EXPECT_EQ(states.size(0), mask.sum().item<int64_t>());
      EXPECT_LT(distance(states, hidden.flatten(0, 1).index({mask.flatten().to(at::kBool)})), 5e-5) << name;
      ++cases;
    }
    EXPECT_GT(cases, 0);
    if (!expected.contains("buckets")) continue;
    const Tensor& buckets = expected.at("buckets");
    for (int64_t j = 0; j < buckets.numel(); ++j) EXPECT_EQ(relative_bucket(j, transformer.config().buckets), buckets[j].item<int64_t>()) << j;
    const Tensor& column = expected.at("buckets.column");
    for (int64_t j = 0; j < column.numel(); ++j) EXPECT_EQ(relative_bucket(-j, transformer.config().buckets), column[j].item<int64_t>()) << j;
  }
}

TEST(TextTransformerOracle, GivesTheSameForATextByItselfAndAmongOthers) {
  if (folders().empty()) GTEST_SKIP() << "no oracles: name their folder in SEGUE_ORACLES";
  for (const Path& folder : folders()) {
    SCOPED_TRACE(folder.filename().string());
    const TextTransformer transformer(Checkpoint(folder), read_text_config(folder), {});
    const auto expected = read_tensors(folder / "expected.safetensors");
    const Tensor &ids = expected.at("batch.input_ids"), &mask = expected.at("batch.attention_mask");
    std::vector<std::vector<int32_t>> texts;
    for (int64_t row = 0; row < ids.size(0); ++row) texts.push_back(tokens_of(ids[row], mask[row]));
    const Tensor all = transformer.states(texts);
    int64_t begin = 0;
    for (const auto& text : texts) {
      const Tensor alone = transformer.states(std::span(&text, 1));
      EXPECT_LT(distance(alone, all.narrow(0, begin, std::ssize(text))), 5e-6);
      begin += std::ssize(text);
    }
  }
}

}  // namespace
}  // namespace segue
