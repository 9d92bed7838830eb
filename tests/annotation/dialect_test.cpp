#include "annotation/dialect.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/progress.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;
using Format = Dialect::Format;

const Json schema{{"type", "object"}};

Json body_of(const Dialect& dialect) {
  const ChatRequest request{.turns = {{"system", "Say \"yes\"."}, {"user", "Well?"}}, .schema = &schema, .longest = 50, .seed = (uint64_t{1} << 40) + 5};
  return Json::parse(chat_body(request, "some-model", dialect));
}

TEST(ChatBody, HasEverythingThatIsAskedFor) {
  EXPECT_EQ(body_of({}), Json::parse(R"({"model":"some-model","messages":[{"role":"system","content":"Say \"yes\"."},{"role":"user","content":"Well?"}],
    "temperature":0.0,"seed":5,"max_tokens":50,"stream":false,
    "response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{"type":"object"}}}})"));
}

TEST(ChatBody, LeavesOutWhatTheServerRefuses) {
  EXPECT_EQ(body_of({.format = Format::json_beside})["response_format"], Json::parse(R"({"type":"json_object","schema":{"type":"object"}})"));
  EXPECT_EQ(body_of({.format = Format::json_object})["response_format"], Json::parse(R"({"type":"json_object"})"));
  const Json least = body_of({Format::text, false, false, false});
  for (const char* gone : {"response_format", "max_tokens", "temperature", "seed"}) EXPECT_FALSE(least.contains(gone)) << gone;
  EXPECT_EQ(least["max_completion_tokens"], 50);
}

TEST(ChatBody, IsWholeWhateverIsInATurn) {
  const ChatRequest request{.turns = {{"user", "\xFF\"}], \"seed\": 7"}}};
  const Json json = Json::parse(chat_body(request, "m", {}));
  EXPECT_EQ(json["messages"].size(), 1u);
  EXPECT_EQ(json["seed"], 0);
}

class DialectsTest : public testing::Test {
 protected:
  DialectsTest() { set_quiet(true); }
  ~DialectsTest() override { set_quiet(before_); }
  Dialects dialects{"example.com"};

 private:
  bool before_ = quiet();
};

/// What real servers say, and what it is about.
TEST_F(DialectsTest, AreReadFromTheServersWords) {
  const auto after = [](const std::string& text, const std::string& named = "") { return Dialects("x").refused({}, named, text, true).value_or(Dialect{}); };
  EXPECT_EQ(after("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."), (Dialect{.max_tokens = false}));
  EXPECT_EQ(after("Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported."), (Dialect{.temperature = false}));
  EXPECT_EQ(after("[{'type': 'extra_forbidden', 'loc': ('body', 'seed'), 'msg': 'Extra inputs are not permitted'}]"), (Dialect{.seed = false}));
  EXPECT_EQ(after("Input should be 'text' or 'json_object'"), (Dialect{.format = Format::json_beside}));
  EXPECT_EQ(after("Invalid schema"), (Dialect{.format = Format::json_beside}));
  EXPECT_EQ(after("no", "response_format"), (Dialect{.format = Format::json_beside}));
  EXPECT_EQ(after("The request was seeded badly"), Dialect{});
}

TEST_F(DialectsTest, AreNoMatterWhereThePromptIsTooLong) {
  EXPECT_EQ(dialects.refused({}, "", "'max_tokens' is too large: 9000. This model's maximum context length is 4096 tokens", false), std::nullopt);
  EXPECT_EQ(dialects.refused({}, "content_filter", "The response was filtered due to the prompt triggering content management policy", false), std::nullopt);
  EXPECT_EQ(dialects.current(), Dialect{});
}

TEST_F(DialectsTest, AreLearntFromEachOther) {
  const auto first = dialects.refused({}, "", "seed?", false);
  EXPECT_EQ(dialects.current(), *first);
  EXPECT_EQ(dialects.refused({}, "", "seed?", false), first);  // another thread, which asked in the old one
}

TEST_F(DialectsTest, StepDownForAllOnlyOnceThatHelped) {
  auto step = dialects.refused({}, "", "Bad request", false);
  EXPECT_EQ(step, (Dialect{.format = Format::json_beside}));
  EXPECT_EQ(dialects.current(), Dialect{});
  step = dialects.refused(*step, "", "Bad request", false);
  dialects.answered(*step);
  EXPECT_EQ(dialects.current(), (Dialect{.format = Format::json_object}));
}

TEST_F(DialectsTest, StepDownToTheEndAndNoFurther) {
  Dialect used;
  for (int i = 0; i < 3; ++i) used = *dialects.refused(used, "", "Bad request", false);
  EXPECT_EQ(used.format, Format::text);
  EXPECT_EQ(dialects.refused(used, "", "Bad request", false), std::nullopt);
  EXPECT_EQ(dialects.refused(used, "", "no response_format", false), std::nullopt);
}

TEST_F(DialectsTest, ThatWereAnsweredAreChangedForNobodyElse) {
  dialects.answered({});
  EXPECT_EQ(dialects.refused({}, "", "Bad request", false), std::nullopt);
  const auto alone = dialects.refused({}, "", "grammar", false);
  EXPECT_EQ(alone, (Dialect{.format = Format::json_beside}));
  dialects.answered(*alone);
  EXPECT_EQ(dialects.current(), Dialect{});
}

TEST_F(DialectsTest, SayWhatIsTaken) {
  EXPECT_EQ(Dialect{}.words(), "response_format json_schema, max_tokens, temperature, seed");
  EXPECT_EQ((Dialect{Format::text, false, false, false}).words(), "no response_format, max_completion_tokens, no temperature, no seed");
}

}  // namespace
}  // namespace segue
