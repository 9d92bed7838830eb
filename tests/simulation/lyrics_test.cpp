#include "simulation/lyrics.h"

#include <gtest/gtest.h>

#include <sstream>

#include "simulation/genres.h"
#include "tiny_world.h"

namespace segue::simulation {
namespace {

const Tags tags{"An Artist", "An Album", "A Song"};

/// How many of the words are this genre's.
double share_of(const Genre& genre, const std::string& text) {
  std::istringstream words(text.substr(text.find("[00:")));
  double own = 0, all = 0;
  for (std::string word; words >> word; ++all) {
    if (word[0] == '[') word.erase(0, word.find(']') + 1);
    word[0] = static_cast<char>(std::tolower(word[0]));
    own += std::find(genre.words.begin(), genre.words.end(), word) != genre.words.end();
  }
  return own / all;
}

TEST(Lyrics, SingTheWordsOfTheirGenre) {
  const World& world = whole_world().world;
  for (size_t g = 0; g < genres().size(); ++g) {
    double own = 0, other = 0;
    for (int i = 0; i < 8; ++i) {
      const int32_t track = world.of_genre[g][i];
      const std::string text = lrc(world.tracks[track], tags, Words::sung, random_of(1, Stream::lyrics, track));
      own += share_of(genres()[g], text) / 8;
      other += share_of(genres()[(g + 1) % genres().size()], text) / 8;
    }
    EXPECT_NEAR(own, 0.4, 0.08);
    EXPECT_LT(other, 0.05);
  }
}

TEST(Lyrics, HaveAStampALineThatNeverGoesBackAndEndsBeforeTheTrackDoes) {
  const Track& track = whole_world().world.tracks[0];
  std::istringstream lines(lrc(track, tags, Words::sung, Random(1)));
  int64_t last_ms = 0, stamped = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!std::isdigit(static_cast<unsigned char>(line[1]))) continue;
    const auto number = [&](size_t at) { return std::stol(line.substr(at, 2)); };  // [mm:ss.xx]
    const int64_t at_ms = number(1) * 60000 + number(4) * 1000 + number(7) * 10;
    EXPECT_GT(at_ms, last_ms);
    last_ms = at_ms;
    ++stamped;
  }
  EXPECT_EQ(stamped, 21);
  EXPECT_LT(last_ms, track.length_ms);
}

TEST(Lyrics, OfAnInstrumentalSaySo) {
  const std::string text = lrc(whole_world().world.tracks[0], tags, Words::instrumental, Random(1));
  EXPECT_TRUE(text.ends_with("[au: instrumental]\n"));
  EXPECT_EQ(text.find("[00:"), std::string::npos);
}

}  // namespace
}  // namespace segue::simulation
