// Numbers of tokens made by the libraries that the makers of the models use; see the README of the oracles.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/oracles.h"
#include "text/sentence_piece.h"
#include "text/tokenizer.h"

namespace segue {
namespace {

std::unique_ptr<Tokenizer> open(const std::string& name) {
  const Path folder = oracles() / "tokenizers";
  if (name == "llama2.sentencepiece") return std::make_unique<SentencePiece>(folder / "llama2" / "tokenizer.model");
  return open_tokenizer(folder / name);
}

class TokenizerOracle : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(oracles() / "tokenizers" / "cases.json")) GTEST_SKIP() << "no oracles: name their folder in SEGUE_ORACLES";
  }
};

TEST_P(TokenizerOracle, GivesTheSameNumbersAndTextAgain) {
  const auto tokenizer = open(GetParam());
  const auto cases = read_json(oracles() / "tokenizers" / "cases.json").at("cases").at(GetParam());
  ASSERT_GT(cases.size(), 0u);
  for (const auto& one : cases) {
    const auto text = one.at("text").get<std::string>();
    const auto ids = one.at("ids").get<std::vector<int32_t>>();
    EXPECT_EQ(tokenizer->encode(text, false), ids) << text;
    EXPECT_EQ(tokenizer->encode(text, true), one.at("with_special").get<std::vector<int32_t>>()) << text;
    EXPECT_EQ(tokenizer->decode(ids), one.at("decoded").get<std::string>()) << text;
  }
}

std::string test_name(const testing::TestParamInfo<const char*>& row) {
  std::string name = row.param;
  std::replace_if(name.begin(), name.end(), [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Files, TokenizerOracle, testing::Values("qwen2", "llama3", "llama2", "llama2.sentencepiece", "bert", "mpnet"), test_name);

class RealTokenizer : public testing::TestWithParam<const char*> {};

TEST_P(RealTokenizer, GivesTheSameNumbers) {
  const std::string name = GetParam();
  const Path file = oracles() / "real" / "tokenizer_cases.json";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no oracles: name their folder in SEGUE_ORACLES";
  if (!std::filesystem::exists(models() / name)) GTEST_SKIP() << "no models: name their folder in SEGUE_MODELS; it lacks " << name;
  const auto tokenizer = open_tokenizer(models() / name);
  const auto whole = read_json(file);
  for (const auto& one : whole.at(name)) {
    const auto text = one.at("text").get<std::string>();
    for (const char* kind : {"ids", "with_special"}) {
      if (!one.contains(kind)) continue;
      EXPECT_EQ(tokenizer->encode(text, kind == std::string("with_special")), one.at(kind).get<std::vector<int32_t>>()) << text;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, RealTokenizer, testing::Values("minilm", "mpnet", "qwen2.5-0.5b"), test_name);

}  // namespace
}  // namespace segue
