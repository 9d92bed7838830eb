// Words in CLAP's space, held against transformers: clap_text/make.py made the model and the numbers.
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/tensor_files.h"
#include "encoders/clap_text.h"
#include "support/oracles.h"
#include "support/scratch.h"

namespace segue {
namespace {

const Path made = Path(SEGUE_SOURCE_DIR) / "tests" / "tensors" / "clap_text";

double distance(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

TEST(ClapText, GivesTheSameVectorsAsTransformers) {
  const auto encoder = open_clap_text(made);
  const auto texts = read_json(made / "texts.json").get<std::vector<std::string>>();
  const auto expected = read_tensors(made / "expected.safetensors");
  const Tensor vectors = encoder->encode(texts);
  ASSERT_EQ(vectors.size(1), encoder->width());
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto ids = expected.at("ids." + std::to_string(i));
    const std::vector<int32_t> tokens(ids.const_data_ptr<int64_t>(), ids.const_data_ptr<int64_t>() + ids.numel());
    EXPECT_LT(distance(ClapTextNetwork(made).vector(tokens), expected.at("vector." + std::to_string(i))), 1e-5) << texts[i];
    EXPECT_LT(distance(vectors[static_cast<int64_t>(i)], expected.at("vector." + std::to_string(i))), 1e-5) << texts[i];
  }
}

TEST(ClapText, ReadsLongTextsInChunks) {
  const auto encoder = open_clap_text(made);
  const std::string same(400, 'x'), other = std::string(380, 'x') + std::string(20, 'y');
  const Tensor vectors = encoder->encode(std::vector<std::string>{same, other});
  EXPECT_NEAR(vectors[0].norm().item<double>(), 1, 1e-5);
  EXPECT_GT(distance(vectors[0], vectors[1]), 1e-4);  // the end is read too
  EXPECT_EQ(encoder->encode({}).size(0), 0);
}

TEST(ClapText, RefusesAFolderOfSoundAlone) {
  const Scratch scratch;
  scratch.file("config.json", R"({"model_type": "clap_audio_model"})");
  try {
    open_clap_text(scratch.folder());
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("clap_audio_model"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace segue
