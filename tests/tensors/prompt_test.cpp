#include "language/prompt.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/index_select.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "language/decoder.h"
#include "support/scratch.h"
#include "tensors/made_decoder.h"

namespace segue {
namespace {

class Prompt : public testing::Test {
 protected:
  Prompt() { MadeDecoder().write_with_tokenizer(folder_.folder()); }
  void configure(const nlohmann::json& config) const { write_file(folder_ / "tokenizer_config.json", config.dump()); }
  std::string refusal(const PromptWords& words, int64_t vocabulary = 30) const {
    try {
      prompt_tokens(folder_.folder(), words, vocabulary);
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was refused";
  }
  Scratch folder_;
};

TEST_F(Prompt, IsPlainWordsWhereTheCheckpointHasNoTemplate) {
  const auto tokens = prompt_tokens(folder_.folder(), {"abc", "de"}, 30);
  EXPECT_EQ(tokens.before, (std::vector<int32_t>{0, 1, 2}));
  EXPECT_EQ(tokens.behind, (std::vector<int32_t>{3, 4}));
  EXPECT_EQ(tokens.length(), 5);
}

TEST_F(Prompt, IsWhatTheTemplateSaysAroundTheTracks) {
  configure({{"bos_token", {{"content", "b"}}}, {"chat_template", "{{ bos_token + 'u' + messages[0].content + 'e' }}{% if add_generation_prompt %}a{% endif %}"}});
  const auto tokens = prompt_tokens(folder_.folder(), {"xy", "z"}, 30);
  EXPECT_EQ(tokens.before, (std::vector<int32_t>{1, 20, 23, 24, 26}));  // b, u, x, y, and the line's end, which it knows as ?
  EXPECT_EQ(tokens.behind, (std::vector<int32_t>{4, 0, 25}));
  EXPECT_EQ(prompt_tokens(folder_.folder(), {"xy", "z", false}, 30).before, (std::vector<int32_t>{23, 24}));
  configure({{"chat_template", {{{"name", "tools"}, {"template", "t"}}, {{"name", "default"}, {"template", "d{{ messages[0].content }}"}}}}});
  EXPECT_EQ(prompt_tokens(folder_.folder(), {"xy", ""}, 30).before.front(), 3);
  write_file(folder_ / "chat_template.jinja", "j{{ messages[0].content }}");
  EXPECT_EQ(prompt_tokens(folder_.folder(), {"xy", ""}, 30).before.front(), 9);
}

TEST_F(Prompt, SaysWhatIsWrong) {
  EXPECT_NE(refusal({"xyz", ""}, 20).find("they don't belong together"), std::string::npos);
  configure({{"chat_template", "nothing of the user"}});
  EXPECT_NE(refusal({"a", ""}).find("leaves out what the user says"), std::string::npos);
  write_file(folder_ / "tokenizer_config.json", "{");
  EXPECT_NE(refusal({"a", ""}).find("damaged"), std::string::npos);
}

/// Every place of two rows of unequal length, asked at once: as if each window ended there, words and all.
TEST_F(Prompt, AnswersEveryPlaceAsIfTheWindowEndedThere) {
  const at::NoGradGuard no_grad;
  const Decoder decoder(folder_.folder());
  const auto tokens = [&](std::vector<int64_t> ids) { return decoder.vectors_of(tensor_of(ids, {std::ssize(ids)})); };
  const Tensor instruction = tokens({1, 2, 3}), response = tokens({4, 5}), words = tokens({6, 7, 8}), tracks = tokens({10, 11, 12, 13, 14, 15, 16, 17});
  KeyValues past;
  decoder.forward({.vectors = instruction.unsqueeze(0), .into = &past, .keys_only = true});
  const std::vector<int64_t> of_row{2, 1};  // words
  const Tensor asked = tensor_of(std::vector<int64_t>{0, 1, 2, 3, 4, 6}, {6});  // four of the first row, two of the second, whose length is 3
  for (const int64_t R : {2, 0}) {
    const PromptRows rows = prompt_rows({.past = 3, .tracks = 4, .response = R, .plays = {4, 3}, .words = of_row}, asked);
    const Tensor from = at::cat({response.narrow(0, 0, R), words, tracks});
    const Tensor vectors = from.index_select(0, rows.source.view({-1})).view({2, -1, 16});
    const Tensor states = decoder.forward({.vectors = vectors, .positions = rows.positions, .visible = rows.visible, .past = &past, .read = rows.read});
    for (int64_t i = 0; i < asked.numel(); ++i) {
      const int64_t place = asked[i].item<int64_t>(), b = place / 4, t = place % 4;
      const Tensor own = b == 0 ? words.narrow(0, 0, 2) : words.narrow(0, 2, 1);
      const Tensor alone = decoder.forward({.vectors = at::cat({instruction, own, tracks.narrow(0, 4 * b, t + 1), response.narrow(0, 0, R)}).unsqueeze(0)});
      EXPECT_LT((alone[0][-1] - states[i]).abs().max().item<double>(), 1e-5) << "place " << place << ", " << R << " tokens of response";
    }
  }
}

}  // namespace
}  // namespace segue
