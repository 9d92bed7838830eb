#include "listening/names.h"

#include <gtest/gtest.h>

namespace segue {
namespace {

std::string title(const char* text) {
  const std::string key = name_key("A", text);
  return key.substr(key.find('\t') + 1);
}

TEST(NameKey, ForgetsMarksOfRemasteringGuestsAndEditions) {
  for (const char* same : {"Blue Door", "BLUE  door", "Blue Door - Remastered 2011", "Blue Door (2011 Remaster)",
                           "Blue Door [Remastered]", "Blue Door (feat. Ann & Bob)", "Blue Door ft. Ann",
                           "Blue Door (Album Version)", "Blue Door - 2009 Digital Remaster", "Blue Door (feat. Ann) [Remastered]",
                           "Blue Door (feat. Ann, Bob)", "Blue Door - Bonus Track", "Blue Door (Explicit)"}) {
    EXPECT_EQ(title(same), "blue door") << same;
  }
}

TEST(NameKey, KeepsOtherRecordingsApart) {
  for (const char* other : {"Blue Door (Live)", "Blue Door - Acoustic", "Blue Door (Demo)", "Blue Door (Ann Remix)",
                            "Blue Door - Radio Edit", "Blue Door (Instrumental)", "Blue Door, Pt. 2", "Blue Door (Part 2)"}) {
    EXPECT_NE(title(other), "blue door") << other;
  }
  EXPECT_EQ(title("Blue Door - Live; Remastered 2009"), title("Blue Door (Live)"));
  EXPECT_EQ(title("Blue Door (Live) [Remastered]"), title("Blue Door - Live"));
  EXPECT_NE(title("Blue Door (Live 1999 Remastered)"), title("Blue Door"));
  EXPECT_NE(title("Blue Door (Live)"), title("Blue Door (Acoustic)"));
}

TEST(NameKey, FoldsCaseAccentsQuotesAndBlanks) {
  EXPECT_EQ(name_key("Beyonc\u00e9", "D\u00e9j\u00e0 Vu"), name_key("BEYONCE", "deja  vu "));
  EXPECT_EQ(name_key("Beyonce\u0301", "x"), name_key("Beyonc\u00e9", "x"));
  EXPECT_EQ(name_key("Simon & Garfunkel", "x"), name_key("Simon and Garfunkel", "x"));
  EXPECT_EQ(title("Don\u2019t Stop"), title("Dont stop"));
  EXPECT_EQ(title("\u0413\u0440\u043e\u0437\u0430"), title("\u0433\u0440\u043e\u0437\u0430"));
  EXPECT_NE(title("\u304c"), title("\u304b")) << "a voiced kana is another letter, but compare only accents of U+0300";
}

TEST(NameKey, LeavesNamesThatAreOnlyMarks) {
  EXPECT_EQ(title("!!!"), "!!!");
  EXPECT_EQ(title("(Remastered)"), "(remastered)");
  EXPECT_EQ(title(""), "");
  EXPECT_NE(title("Feat. of Strength"), "");
  EXPECT_NE(name_key("a", "b"), name_key("a b", ""));
}

TEST(NameKey, GuestsOfAnArtistAreNotAnotherArtist) {
  EXPECT_EQ(name_key("Ann feat. Bob", "x"), name_key("Ann", "x"));
  EXPECT_EQ(name_key("Ann (feat. Bob)", "x"), name_key("Ann", "x"));
  EXPECT_NE(name_key("Feather", "x"), name_key("", "x"));
}

}  // namespace
}  // namespace segue
