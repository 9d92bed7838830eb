#include "language/random_weights.h"

#include <gtest/gtest.h>

#include "language/decoder.h"
#include "support/program.h"
#include "tensors/made_decoder.h"

namespace segue {
namespace {

/// The sizes of a decoder and its tokenizer, without weights.
Path sizes_of(const Scratch& scratch, const MadeDecoder& made) {
  made.write_with_tokenizer(scratch / "sizes");
  std::filesystem::remove(scratch / "sizes" / "model.safetensors");
  return scratch / "sizes";
}

std::string bytes_of(const Path& folder) { return read_file(folder / "model-00001-of-00003.safetensors"); }

TEST(RandomWeights, MakeAModelOfTheSameSizesThatNothingWasLearnedInto) {
  const Scratch scratch;
  MadeDecoder made;
  made.config["segue"] = {{"of", "another"}};
  const Path sizes = sizes_of(scratch, made);
  const int64_t numbers = write_random_model(sizes, scratch / "untaught", 3);
  int64_t expected = 0;
  for (const auto& [name, weight] : made.weights) expected += weight.numel();
  EXPECT_EQ(numbers, expected);
  EXPECT_FALSE(nlohmann::json::parse(read_file(scratch / "untaught" / "config.json")).contains("segue"));
  EXPECT_EQ(read_file(scratch / "untaught" / "tokenizer.json"), read_file(sizes / "tokenizer.json"));

  const Decoder decoder(scratch / "untaught");
  const auto tokens = decoder.vectors_of(at::arange(30));
  EXPECT_NEAR(tokens.std().item<double>(), 0.02, 0.003);
  EXPECT_NEAR(tokens.mean().item<double>(), 0, 0.003);
  const Checkpoint weights(scratch / "untaught");
  EXPECT_EQ(weights.tensor("model.norm.weight", {16}).min().item<float>(), 1);
  EXPECT_EQ(weights.tensor("model.layers.1.self_attn.q_proj.bias", {16}).abs().max().item<float>(), 0);
}

TEST(RandomWeights, AreThoseOfTheSeedAndOfTheConfigsDeviation) {
  const Scratch scratch;
  MadeDecoder made;
  made.config["initializer_range"] = 0.5;
  const Path sizes = sizes_of(scratch, made);
  for (const auto& [name, seed] : {std::pair("one", 1), std::pair("again", 1), std::pair("other", 2)}) write_random_model(sizes, scratch / name, static_cast<uint64_t>(seed));
  EXPECT_EQ(bytes_of(scratch / "one"), bytes_of(scratch / "again"));
  EXPECT_NE(bytes_of(scratch / "one"), bytes_of(scratch / "other"));
  EXPECT_NEAR(Decoder(scratch / "one").vectors_of(at::arange(30)).std().item<double>(), 0.5, 0.05);
}

TEST(RandomWeights, AreDrawnByTheProgramIntoAnEmptyFolder) {
  const Scratch scratch;
  const Path sizes = sizes_of(scratch, MadeDecoder());
  const auto draw = [&] { return segue_program({"quantise", sizes.string(), "--random-weights", "--seed", "1", "--into", (scratch / "drawn").string(), "--json", "--quiet"}); };
  const Ran first = draw();
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_EQ(first.json()["seed"], 1);
  const Ran second = draw();
  EXPECT_EQ(second.code, 1);
  EXPECT_NE(second.err.find("an empty folder would work"), std::string::npos) << second.err;
  EXPECT_EQ(segue_program({"quantise", sizes.string(), "--random-weights", "--storage", "int8", "--into", (scratch / "x").string()}).code, 2);
}

}  // namespace
}  // namespace segue
