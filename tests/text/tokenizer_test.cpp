#include "text/tokenizer.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "support/scratch.h"

namespace segue {
namespace {

using Ids = std::vector<int32_t>;

/// A folder with a tokenizer.json of byte pairs; what `more` says comes beside the model.
class TokenizerFile : public testing::Test {
 protected:
  std::unique_ptr<Tokenizer> with(const std::string& model, const std::string& more = "") {
    write_file(scratch_ / "tokenizer.json", "{\"model\": " + model + more + "}");
    return open_tokenizer(scratch_);
  }
  std::string refusal(const std::string& model, const std::string& more = "") {
    try {
      with(model, more);
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was refused";
  }

  Scratch held_;
  Path scratch_ = held_.folder();
};

const std::string pairs = R"({"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2, "ab": 3, "bc": 4, "abc": 5, "?": 6},
                              "unk_token": "?", "merges": ["b c", ["a", "b"], "ab c", "a bc"]})";

TEST_F(TokenizerFile, MergesWhatWasLearnedFirstAndOfEqualPairsTheLeftmost) {
  const auto tokenizer = with(pairs);
  EXPECT_EQ(tokenizer->encode("abc", false), (Ids{5})) << "b c comes before a b; then a bc";
  EXPECT_EQ(tokenizer->encode("abab", false), (Ids{3, 3}));
  EXPECT_EQ(tokenizer->encode("bcbc", false), (Ids{4, 4}));
  EXPECT_EQ(tokenizer->encode("", false), Ids{});
  EXPECT_EQ(tokenizer->encode("axxb", false), (Ids{0, 6, 6, 1})) << "each unknown character by itself";
}

TEST_F(TokenizerFile, ReadsALongWordInTimeThatGrowsHardlyFasterThanIt) {
  const auto tokenizer = with(pairs);
  std::string word;
  for (int i = 0; i < 200'000; ++i) word += "abc";
  EXPECT_EQ(tokenizer->encode(word, false), Ids(200'000, 5));
}

TEST_F(TokenizerFile, FindsAddedTokensFirstAndOfTwoTheLonger) {
  const auto tokenizer = with(pairs, R"(, "added_tokens": [{"id": 8, "content": "<x>", "special": true}, {"id": 9, "content": "<x>a", "special": true},
                                                           {"id": 10, "content": "<y>", "special": true, "lstrip": true, "rstrip": true}])");
  EXPECT_EQ(tokenizer->encode("ab<x>bc<x>ab", false), (Ids{3, 8, 4, 9, 1}));
  EXPECT_EQ(tokenizer->encode("a  <y> \tb", false), (Ids{0, 10, 1}));
  EXPECT_EQ(tokenizer->size(), 11);
  EXPECT_EQ(tokenizer->id_of("<x>a"), 9);
  EXPECT_EQ(tokenizer->id_of("abc"), 5);
  EXPECT_EQ(tokenizer->id_of("no such"), std::nullopt);
}

TEST_F(TokenizerFile, PutsTheFrameAroundEveryText) {
  const auto tokenizer = with(pairs, R"(, "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "[in]"}}, {"Sequence": {"id": "A"}},
                                          {"SpecialToken": {"id": "[out]"}}], "special_tokens": {"[in]": {"ids": [7]}, "[out]": {"ids": [8, 9]}}})");
  EXPECT_EQ(tokenizer->encode("ab", true), (Ids{7, 3, 8, 9}));
  EXPECT_EQ(tokenizer->encode("", true), (Ids{7, 8, 9}));
  EXPECT_EQ(tokenizer->encode("ab", false), (Ids{3}));
}

TEST_F(TokenizerFile, CutsWordsIntoTheLongestPieces) {
  const auto tokenizer = with(R"({"type": "WordPiece", "unk_token": "?", "max_input_chars_per_word": 6, "vocab": {"?": 0, "un": 1, "##a": 2, "##able": 3, "##ab": 4, "u": 5}})",
                              R"(, "pre_tokenizer": {"type": "BertPreTokenizer"}, "decoder": {"type": "WordPiece", "prefix": "##"})");
  EXPECT_EQ(tokenizer->encode("unable una unab ux unableable", false), (Ids{1, 3, 1, 2, 1, 4, 0, 0}));
  EXPECT_EQ(tokenizer->decode(Ids{1, 3, 1, 2}), "unable una");
}

TEST_F(TokenizerFile, ReadsBytesThatAreNoTextAsOneMarkForEachBrokenCharacter) {
  const auto tokenizer = with(R"({"type": "BPE", "vocab": {"a": 0, "�": 1}, "merges": []})");
  EXPECT_EQ(tokenizer->encode("a\xff" "a\xe2\x82" "a\xed\xa0\x80", false), (Ids{0, 1, 0, 1, 0, 1, 1, 1}));
}

TEST_F(TokenizerFile, SaysWhatItCanNotRead) {
  EXPECT_THROW(open_tokenizer(scratch_), Error);
  write_file(scratch_ / "tokenizer.json", "{\"model\": ");
  EXPECT_THROW(open_tokenizer(scratch_), Error);
  EXPECT_NE(refusal(R"({"type": "Unheard"})").find("no model of a tokenizer 'Unheard'; known: BPE"), std::string::npos);
  EXPECT_NE(refusal(pairs, R"(, "normalizer": {"type": "Shout"})").find("no normalizer 'Shout'; known: "), std::string::npos);
  EXPECT_NE(refusal(pairs, R"(, "pre_tokenizer": {"type": "Split", "behavior": "Isolated", "pattern": {"Regex": "(a"}})").find("no regular expression"), std::string::npos);
  EXPECT_NE(refusal(pairs, R"(, "post_processor": {"type": "Wrap"})").find("no post_processor 'Wrap'"), std::string::npos);
  EXPECT_NE(refusal(R"({"type": "BPE", "vocab": {"a": 0, "b": 0}, "merges": []})").find("both have the id 0"), std::string::npos);
  EXPECT_NE(refusal(R"({"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": ["a b"]})").find("not in the vocabulary"), std::string::npos);
  EXPECT_NE(refusal(R"({"type": "BPE", "vocab": [1], "merges": []})").find("tokenizer.json"), std::string::npos);
  EXPECT_NE(refusal(R"({"type": "BPE", "vocab": {}, "merges": [], "byte_fallback": true})").find("<0x00>"), std::string::npos);
  EXPECT_THROW(with(pairs)->decode(Ids{99}), Error);
  EXPECT_THROW(with(pairs)->decode(Ids{-1}), Error);
  std::filesystem::remove(scratch_ / "tokenizer.json");
  write_file(scratch_ / "tokenizer.model", "no protocol buffer");
  EXPECT_THROW(open_tokenizer(scratch_), Error);
}

}  // namespace
}  // namespace segue
