// Numbers of tokens made by the libraries of their makers, with models of our own: see unigram/make_cases.py.
#include <gtest/gtest.h>

#include "support/oracles.h"
#include "support/scratch.h"
#include "text/tokenizer.h"

namespace segue {
namespace {

using Ids = std::vector<int32_t>;

const Path folder = Path(SEGUE_SOURCE_DIR) / "tests" / "text" / "unigram";

void gives(const Tokenizer& tokenizer, const std::string& name) {
  const auto cases = read_json(folder / "cases.json");
  ASSERT_GT(cases.size(), 100u);
  for (const auto& one : cases) {
    const auto text = one.at("text").get<std::string>();
    const auto ids = one.at(name).get<Ids>();
    EXPECT_EQ(tokenizer.encode(text, false), ids) << one.at("text");
    EXPECT_EQ(tokenizer.encode(text, true), one.at(name + " framed").get<Ids>()) << one.at("text");
    EXPECT_EQ(tokenizer.decode(ids), one.at(name + " decoded").get<std::string>()) << one.at("text");
  }
}

TEST(Unigram, CutsTextsAsXlmRobertaDoes) { gives(*open_tokenizer(folder), "xlm-roberta"); }

TEST(Unigram, TellsWhatIsUnknownByItsBytesWhereItCan) { gives(*open_tokenizer(folder / "fallback"), "fallback"); }

TEST(Unigram, ReadsThePiecesOfSentencePieceWithTheOffsetsOfXlmRoberta) {
  const Scratch scratch;
  std::filesystem::copy(folder / "sentencepiece.bpe.model", scratch / "sentencepiece.bpe.model");
  const auto tokenizer = open_tokenizer(scratch.folder());
  for (const auto& one : read_json(folder / "cases.json")) {
    if (!one.contains("sentencepiece")) continue;  // two ways are as good
    auto ids = one.at("sentencepiece").get<Ids>();
    EXPECT_EQ(tokenizer->encode(one.at("text").get<std::string>(), false), ids) << one.at("text");
    ids.insert(ids.begin(), 0);
    ids.push_back(2);
    EXPECT_EQ(tokenizer->encode(one.at("text").get<std::string>(), true), ids) << one.at("text");
  }
  EXPECT_EQ(tokenizer->size(), open_tokenizer(folder)->size());
  for (const char* token : {"<s>", "<pad>", "</s>", "<unk>", "<mask>", "▁"}) EXPECT_EQ(tokenizer->id_of(token), open_tokenizer(folder)->id_of(token)) << token;
  EXPECT_EQ(tokenizer->id_of("no such piece"), std::nullopt);
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("The river<mask> sings", true)), "<s>The river<mask>sings</s>");
  EXPECT_THROW(tokenizer->decode(Ids{static_cast<int32_t>(tokenizer->size())}), Error);
}

TEST(Unigram, ReadsALongTextWithoutSpacesInTimeThatGrowsAsItDoes) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "river";
  EXPECT_GT(open_tokenizer(folder)->encode(text, false).size(), 100'000u);
}

class UnigramFile : public testing::Test {
 protected:
  std::unique_ptr<Tokenizer> with(const std::string& model, const std::string& more = "") {
    scratch_.file("tokenizer.json", R"({"model": {"type": "Unigram", )" + model + "}" + more + "}");
    return open_tokenizer(scratch_.folder());
  }
  std::string refusal(const std::string& model, const std::string& more = "") {
    try {
      with(model, more);
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was refused";
  }
  Scratch scratch_;
};

TEST_F(UnigramFile, TakesTheMostProbableWayAndJoinsWhatIsUnknown) {
  const auto tokenizer = with(R"("unk_id": 0, "vocab": [["?", 0], ["a", -1], ["b", -1], ["ab", -2.5], ["abb", -2.5], ["c", -9]])");
  EXPECT_EQ(tokenizer->encode("ab", false), (Ids{1, 2})) << "-2 beats -2.5";
  EXPECT_EQ(tokenizer->encode("abb", false), (Ids{4})) << "-2.5 beats -3";
  EXPECT_EQ(tokenizer->encode("axyb", false), (Ids{1, 0, 2})) << "two unknown characters are one token";
  EXPECT_EQ(tokenizer->encode("", false), Ids{});
}

TEST_F(UnigramFile, SaysWhatItCanNotRead) {
  EXPECT_NE(refusal(R"("unk_id": 0, "vocab": {"a": 1})").find("no list of tokens"), std::string::npos);
  EXPECT_NE(refusal(R"("unk_id": 7, "vocab": [["a", -1]])").find("unknown token 7"), std::string::npos);
  EXPECT_NE(refusal(R"("vocab": [["a", -1]])").find("unk_id"), std::string::npos);
  EXPECT_NE(refusal(R"("unk_id": 0, "vocab": [["a"]])").find("not as a tokenizer.json should be"), std::string::npos);
  EXPECT_NE(refusal(R"("unk_id": 0, "vocab": [["a", -1]], "byte_fallback": true)").find("<0x00>"), std::string::npos);
  const std::string good = R"("unk_id": 0, "vocab": [["a", -1]])";
  EXPECT_NE(refusal(good, R"(, "normalizer": {"type": "Precompiled", "precompiled_charsmap": "*"})").find("base64"), std::string::npos);
  for (const char* damaged : {"AAAA", "/////w==", "BAAAAP////8="}) {
    const std::string said = refusal(good, R"(, "normalizer": {"type": "Precompiled", "precompiled_charsmap": ")" + std::string(damaged) + "\"}");
    if (said == "nothing was refused") EXPECT_NO_THROW(open_tokenizer(scratch_.folder())->encode("a é か", false));
    else EXPECT_NE(said.find("precompiled_charsmap is damaged"), std::string::npos) << said;
  }
}

class VocabularyFile : public testing::TestWithParam<const char*> {};

TEST_P(VocabularyFile, AloneSaysTheSameAsTheTokenizerBesideIt) {
  const Path from = models() / GetParam();
  if (!std::filesystem::exists(from / "vocab.txt")) GTEST_SKIP() << "no models: name their folder in SEGUE_MODELS; it lacks " << GetParam();
  const Scratch scratch;
  for (const char* name : {"vocab.txt", "tokenizer_config.json"}) std::filesystem::copy(from / name, scratch / name);
  const auto whole = open_tokenizer(from), alone = open_tokenizer(scratch.folder());
  EXPECT_EQ(alone->size(), whole->size());
  for (const auto& one : read_json(folder / "cases.json")) {
    EXPECT_EQ(alone->encode(one.at("text").get<std::string>(), true), whole->encode(one.at("text").get<std::string>(), true)) << one.at("text");
  }
}

INSTANTIATE_TEST_SUITE_P(Models, VocabularyFile, testing::Values("minilm", "mpnet"), [](const auto& row) { return std::string(row.param); });

TEST(OpenTokenizer, ReadsAVocabularyWithAFrameAndSmallLetters) {
  const Scratch scratch;
  scratch.file("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nriver\n##s\n");
  EXPECT_EQ(open_tokenizer(scratch.folder())->encode("Rivers [SEP] sea", true), (Ids{2, 4, 5, 3, 1, 3}));
  scratch.file("tokenizer_config.json", R"({"do_lower_case": false})");
  EXPECT_EQ(open_tokenizer(scratch.folder())->encode("Rivers rivers", false), (Ids{1, 4, 5}));
  scratch.file("vocab.txt", "river\n");
  EXPECT_THROW(open_tokenizer(scratch.folder()), Error);
}

}  // namespace
}  // namespace segue
