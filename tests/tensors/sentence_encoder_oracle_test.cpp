// Vectors of sentences made by the libraries of their makers; see the README of the oracles.
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <set>

#include "core/tensor_files.h"
#include "encoders/sentence_encoder.h"
#include "support/oracles.h"

namespace segue {
namespace {

double distance(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

TEST(SentenceEncoderOracle, GivesTheSameUnitVectors) {
  if (!std::filesystem::exists(oracles() / "text")) GTEST_SKIP() << "no oracles: name their folder in SEGUE_ORACLES";
  int64_t cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(oracles() / "text")) {
    const Path folder = entry.path();
    if (!std::filesystem::exists(folder / "sentences.json")) continue;
    SCOPED_TRACE(folder.filename().string());
    const auto sentences = read_json(folder / "sentences.json");
    const auto expected = read_tensors(folder / "expected.safetensors");
    const SentenceEncoder encoder(folder, {});
    EXPECT_LT(distance(encoder.encode(sentences.at("batch").get<std::vector<std::string>>()), expected.at("batch.unit")), 1e-5);
    ++cases;
  }
  EXPECT_GT(cases, 0);
}

class RealSentenceEncoder : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(file(".safetensors"))) GTEST_SKIP() << "no oracles: name their folder in SEGUE_ORACLES";
    if (!std::filesystem::exists(folder())) GTEST_SKIP() << "no models: name their folder in SEGUE_MODELS; it lacks " << GetParam();
    expected_ = read_tensors(file(".safetensors"));
    sentences_ = read_json(file(".sentences.json")).get<std::vector<std::string>>();
  }
  Path folder() const { return models() / GetParam(); }
  Path file(const std::string& kind) const { return oracles() / "real" / (GetParam() + kind); }

  NamedTensors expected_;
  std::vector<std::string> sentences_;
};

TEST_P(RealSentenceEncoder, GivesTheSameUnitVectors) {
  const SentenceEncoder encoder(folder(), {});
  const Tensor unit = encoder.encode(sentences_);
  EXPECT_LT(distance(unit, expected_.at("unit")), 1e-5);
  for (size_t i = 0; i < sentences_.size(); ++i) {
    EXPECT_LT(distance(encoder.encode(std::span(&sentences_[i], 1))[0], unit[static_cast<int64_t>(i)]), 1e-6) << "alone it is the same: " << sentences_[i];
  }
}

TEST_P(RealSentenceEncoder, GivesTheSameStates) {
  const TextTransformer transformer(Checkpoint(folder()), read_text_config(folder()), {});
  std::vector<int32_t> tokens;
  const Tensor mask = expected_.at("attention_mask")[0], ids = expected_.at("input_ids")[0];
  for (int64_t t = 0; t < ids.size(0); ++t) {
    if (mask[t].item<int64_t>() != 0) tokens.push_back(ids[t].item<int32_t>());
  }
  EXPECT_LT(distance(transformer.states(std::span(&tokens, 1)), expected_.at("hidden_row0").narrow(0, 0, std::ssize(tokens))), 1e-4);
}

TEST_P(RealSentenceEncoder, KeptInInt8SaysNearlyTheSame) {
  const Tensor unit = SentenceEncoder(folder(), {.storage = "int8"}).encode(sentences_);
  EXPECT_GT((unit * expected_.at("unit")).sum(1).min().item<double>(), 0.98);
}

INSTANTIATE_TEST_SUITE_P(Models, RealSentenceEncoder, testing::Values("minilm", "mpnet"), [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace segue
