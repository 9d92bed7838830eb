#include "signals/lyrics.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "support/scratch.h"

namespace segue {
namespace {

std::string words_of(std::string_view raw) {
  const auto lyrics = read_lyrics(raw);
  return !lyrics ? "(nothing)" : lyrics->instrumental ? "(instrumental)" : lyrics->text;
}

TEST(ReadLyrics, KeepsOnlyWhatIsSung) {
  EXPECT_EQ(words_of("[ar:Ann]\n[ti: Sea]\n[length:03:10]\n[00:12.30]Down to the <00:13.10>sea\n\n[01:02]again"), "Down to the sea\nagain");
  EXPECT_EQ(words_of("[Verse 1]\r\nOne\r\n[Chorus: Ann & Bob]\r\nTwo (x2)\r\nChorus:\r\n(2x)\r\nThree\r\n"), "One\nTwo\nThree");
}

TEST(ReadLyrics, LeavesBracketsThatAreSung) {
  EXPECT_EQ(words_of("I said (oh my) [sic] <3 it"), "I said (oh my) [sic] <3 it");
  EXPECT_EQ(words_of("chorus of angels in the verse I wrote"), "chorus of angels in the verse I wrote");
  EXPECT_EQ(words_of("an open [ bracket"), "an open [ bracket");
}

TEST(ReadLyrics, TellsAnInstrumentalFromAMissingText) {
  EXPECT_EQ(words_of("[ar:Ann]\n[au: instrumental]\n"), "(instrumental)");
  EXPECT_EQ(words_of("[00:00.00]♪"), "(instrumental)");
  EXPECT_EQ(words_of("(Instrumental)"), "(instrumental)");
  EXPECT_EQ(words_of("Words first\n[Instrumental]\nand after"), "Words first\nand after");
  EXPECT_EQ(words_of(""), "(nothing)");
  EXPECT_EQ(words_of("[ar:Ann]\n[00:01.00]\n[00:02.00]  "), "(nothing)");
}

TEST(ReadLyrics, TakesAnyScriptAndAnyBytes) {
  EXPECT_EQ(words_of("[00:01.00]海のように\n[00:02.00]אל הים\n[00:03.00]К морю"), "海のように\nאל הים\nК морю");
  EXPECT_EQ(words_of("caf\xE9"), "caf\uFFFD");
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "la ";
  EXPECT_EQ(words_of(many).size(), 299'999u);
}

TEST(LyricsTags, NameWhoseWordsTheyAre) {
  const auto tags = lyrics_tags("[ti:To the Sea]\n[ar: Ann ]\n[00:01.00][ar:no]");
  EXPECT_EQ(tags.artist, "Ann");
  EXPECT_EQ(tags.title, "To the Sea");
  EXPECT_EQ(lyrics_tags("words only").artist, "");
}

TEST(ReadLyricsFile, ReadsUtf16AndRefusesWhatIsNoSong) {
  const Scratch scratch;
  write_file(scratch / "a.lrc", std::string("\xFF\xFE" "a\0\x3C\xD8\xB5\xDF", 8));
  EXPECT_EQ(read_lyrics_file(scratch / "a.lrc"), "a🎵");
  write_file(scratch / "b.txt", std::string(5 << 20, 'a'));
  EXPECT_THROW(read_lyrics_file(scratch / "b.txt"), Error);
  EXPECT_THROW(read_lyrics_file(scratch / "none.txt"), Error);
}

}  // namespace
}  // namespace segue
