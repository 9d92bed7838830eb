#include "core/json_stream.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "core/json_element.h"
#include "support/memory_source.h"

namespace segue {
namespace {

using Names = std::vector<std::string>;

/// The elements, and the error that ended them.
Names elements_of(const std::string& text, size_t block = 1 << 20, size_t longest = 1 << 20) {
  MemoryStream stream(text, block);
  JsonArray array(stream, "log.json", longest);
  Names elements;
  try {
    for (std::string_view element; array.next(element);) elements.push_back(std::string(element) + (array.cut() ? "…" : ""));
  } catch (const Error& error) {
    elements.push_back(error.what());
  }
  return elements;
}

std::string text_of(const std::string& json) {
  JsonElement element;
  return element.parse(json) ? std::string(element.root().text().value_or("not a text")) : "not JSON";
}

bool is_json(std::string_view text) { return JsonElement().parse(text); }

TEST(JsonArray, HandsOverOneElementAfterTheOther) {
  const std::string text = R"( [ {"a": "]}\"", "b": [1, {}]} , 12,"x,]\\",null,[[]] ] )";
  for (size_t block = 1; block < text.size() + 1; ++block) {
    EXPECT_EQ(elements_of(text, block), (Names{R"({"a": "]}\"", "b": [1, {}]})", "12", R"("x,]\\")", "null", "[[]]"}));
  }
}

TEST(JsonArray, ReadsPastAByteOrderMarkAndWindowsLineEndings) {
  for (size_t block = 1; block < 8; ++block) {
    EXPECT_EQ(elements_of("\xef\xbb\xbf[\r\n{},\r\n{}\r\n]\r\n", block), (Names{"{}", "{}"}));
    EXPECT_EQ(elements_of("[]", block), Names{});
  }
}

TEST(JsonArray, NamesTheByteWhereADocumentBreaksOff) {
  EXPECT_EQ(elements_of(R"([{"a":1},{"b")"), (Names{R"({"a":1})", "log.json: byte 13: an element is not closed; is the file whole?"}));
  EXPECT_EQ(elements_of("[1,2", 1), (Names{"1", "log.json: byte 4: ',' or ']' is missing; is the file whole?"}));
  EXPECT_EQ(elements_of("[1,"), (Names{"1", "log.json: byte 3: an element is missing; is the file whole?"}));
  EXPECT_EQ(elements_of("[1 2]"), (Names{"1", "log.json: byte 3: ',' or ']' is missing; is the file whole?"}));
  EXPECT_EQ(elements_of("[] x"), Names{"log.json: byte 3: something follows the end of the array; is the file whole?"});
  EXPECT_EQ(elements_of(""), Names{"log.json: byte 0: the file is empty; is the file whole?"});
  EXPECT_EQ(elements_of("{}"), Names{"log.json: byte 0: an array was expected, '['; is the file whole?"});
}

TEST(JsonArray, CutsAnElementThatIsTooLongAndReadsOn) {
  const std::string two_mib = "\"" + std::string(2 << 20, 'x') + "\"";
  for (const size_t block : {size_t{1000}, size_t{1} << 22}) {
    const auto elements = elements_of("[1," + two_mib + ",2]", block);
    ASSERT_EQ(elements.size(), 3u);
    EXPECT_EQ(elements[1], two_mib.substr(0, 1 << 20) + "…");
    EXPECT_EQ(elements[2], "2");
  }
}

TEST(JsonArray, SurvivesBracketsInsideEachOther) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const auto elements = elements_of("[" + deep + ",1]");
  ASSERT_EQ(elements.size(), 2u);
  EXPECT_EQ(elements[0], deep);
  EXPECT_FALSE(is_json(deep));
  EXPECT_EQ(elements_of(std::string(100'000, '[')).size(), 1u);
}

TEST(JsonElement, GivesValuesByTheirKeys) {
  const std::string text = R"({"a": {"b": [ {"c": 1.5e1} ], "d": true}, "e": null, "f": "ü", "a": 2})";
  JsonElement element;
  ASSERT_TRUE(element.parse(text));
  const JsonValue root = element.root();
  EXPECT_EQ(root["a"]["b"].front()["c"].number(), 15.0);
  EXPECT_EQ(root["a"]["d"].boolean(), true);
  EXPECT_TRUE(root["e"].is(JsonValue::Kind::null));
  EXPECT_EQ(root["f"].text(), "ü");
  EXPECT_TRUE(root["g"]["h"].front().is(JsonValue::Kind::missing));
  EXPECT_EQ(root["f"].number(), std::nullopt);
  EXPECT_EQ(root["a"].text(), std::nullopt);
}

TEST(JsonElement, UndoesEscapes) {
  EXPECT_EQ(text_of(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(text_of(R"("a\u00e9\u4e2d\ud83c\udfb5z")"), "aé中🎵z");
  EXPECT_EQ(text_of(R"("\u0000")"), std::string(1, '\0'));
  EXPECT_EQ(text_of(R"("\ud83c")"), "\xef\xbf\xbd");
  EXPECT_EQ(text_of(R"("\udfb5\ud83cx\ud83c\u0041")"), "\xef\xbf\xbd\xef\xbf\xbdx\xef\xbf\xbd" "A");
}

TEST(JsonElement, HandsOverInvalidUtf8AsItIs) { EXPECT_EQ(text_of("\"\xff\xc3(\""), "\xff\xc3("); }

TEST(JsonElement, RefusesWhatIsNotJson) {
  for (const char* text :
       {"",      " ",   "{",  "[",       "[1,]",        "[,1]",   "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
        "{1:2}", "[1}", "{]", "tru",     "nul",         "01",     "-",     "1.",      ".5",       "1e",
        "+1",    "NaN", "\"", "\"\\x\"", "\"\\u12g4\"", "\"\n\"", "1 2",   "{} {}"}) {
    EXPECT_FALSE(is_json(text)) << text;
  }
  EXPECT_FALSE(is_json(std::string_view("\"a\0b\"", 5)));
}

TEST(JsonElement, ReadsNumbersOfAnySize) {
  const auto number = [](std::string_view text) {
    JsonElement element;
    return element.parse(text) ? element.root().number().value() : NAN;
  };
  EXPECT_EQ(number("-0"), 0);
  EXPECT_EQ(number("1609459200.000000"), 1609459200);
  EXPECT_EQ(number("1e300"), 1e300);
  EXPECT_TRUE(std::isinf(number("1e400")));
}

}  // namespace
}  // namespace segue
