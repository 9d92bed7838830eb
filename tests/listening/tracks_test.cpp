#include "listening/tracks.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "support/logs.h"

namespace segue {
namespace {

struct Names {
  std::string title, id = "", artist = "Ann";
};

Spellings spelled(const std::vector<Names>& names) {
  Spellings spellings;
  for (const auto& n : names) spellings.add(named(n.artist, n.title, n.id));
  return spellings;
}

std::vector<int32_t> tracks_of(const std::vector<Names>& names, const std::vector<Correction>& corrections = {}) {
  Spellings spellings = spelled(names);
  Tracks tracks;
  resolve_tracks(spellings, tracks, corrections);
  return spellings.track;
}

using Numbers = std::vector<int32_t>;

TEST(ResolveTracks, TakesSpellingsOfOneIdForOneTrack) { EXPECT_EQ(tracks_of({{"One", "1"}, {"Eins", "1"}}), (Numbers{0, 0})); }

TEST(ResolveTracks, KeepsTwoIdsOfOneNameApart) { EXPECT_EQ(tracks_of({{"One", "1"}, {"One", "2"}}), (Numbers{0, 1})); }

TEST(ResolveTracks, GivesANameWithoutIdTheFirstTrackOfThatName) {
  EXPECT_EQ(tracks_of({{"One", "1"}, {"One", "2"}, {"ONE"}, {"One - Remastered"}}), (Numbers{0, 1, 0, 0}));
  EXPECT_EQ(tracks_of({{"One"}, {"one"}, {"One (Live)"}}), (Numbers{0, 0, 1}));
}

TEST(ResolveTracks, LetsATrackWithoutIdTakeTheFirstIdOfItsName) {
  Spellings spellings = spelled({{"One"}, {"One", "1"}, {"One", "2"}, {"Eins", "1"}});
  Tracks tracks;
  resolve_tracks(spellings, tracks, {});
  EXPECT_EQ(spellings.track, (Numbers{0, 0, 1, 0}));
  EXPECT_EQ(tracks.id[0], "1");
  EXPECT_EQ(tracks.id[1], "2");
}

TEST(ResolveTracks, KeepsArtistsApart) { EXPECT_EQ(tracks_of({{"One", "", "Ann"}, {"One", "", "Bob"}}), (Numbers{0, 1})); }

TEST(ResolveTracks, BelievesACorrectionBeforeAnId) {
  EXPECT_EQ(tracks_of({{"One", "1"}, {"Two", "2"}}, {{"ann", "two", "Ann", "One"}}), (Numbers{0, 0}));
}

TEST(ResolveTracks, MakesATrackForACorrectionThatNamesANewOne) {
  Spellings spellings = spelled({{"Wnu"}});
  Tracks tracks;
  resolve_tracks(spellings, tracks, {{"Ann", "Wnu", "Ann", "One"}});
  ASSERT_EQ(tracks.size(), 1);
  EXPECT_EQ(tracks.title[0], "One");
}

TEST(ResolveTracks, TakesTheFirstLengthAnySpellingSays) {
  Spellings spellings;
  spellings.add(named("Ann", "One"));
  spellings.add(named("Ann", "ONE", "", "", 1234));
  Tracks tracks;
  resolve_tracks(spellings, tracks, {});
  EXPECT_EQ(tracks.length_ms, (std::vector<int64_t>{1234}));
}

TEST(ResolveTracks, NeverChangesANumberThatWasGiven) {
  Spellings spellings = spelled({{"One"}, {"Two", "2"}});
  Tracks tracks;
  resolve_tracks(spellings, tracks, {});
  const auto before = spellings.track;
  spellings.add(named("Ann", "One", "1"));
  spellings.add(named("Ann", "Three"));
  resolve_tracks(spellings, tracks, {});
  EXPECT_EQ(Numbers(spellings.track.begin(), spellings.track.begin() + 2), before);
  EXPECT_EQ(spellings.track, (Numbers{0, 1, 0, 2}));
}

TEST(Tracks, ComeBackFromTheirFile) {
  const Scratch scratch;
  Tracks tracks;
  tracks.add("Ann", "One", "1");
  tracks.add("", "", "");
  tracks.length_ms[0] = 7;
  tracks.save(scratch / "tracks.parquet");
  const Tracks read = Tracks::load(scratch / "tracks.parquet");
  ASSERT_EQ(read.size(), 2);
  EXPECT_EQ(read.artist[0], "Ann");
  EXPECT_EQ(read.id[0], "1");
  EXPECT_EQ(read.length_ms, (std::vector<int64_t>{7, 0}));
}

TEST(ReadCorrections, WantsItsFourColumns) {
  const Scratch scratch;
  const auto all = read_corrections(scratch.file("c.csv", "title,artist,same_as_title,same_as_artist\n\"One, two\",Ann,One,Ann\n"));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].title, "One, two");
  EXPECT_EQ(all[0].same_as_artist, "Ann");
  EXPECT_NE(
      error_of([&] { read_corrections(scratch.file("d.csv", "title,artist\nOne,Ann\n")); }).find("same_as_artist"),
      std::string::npos);
}

}  // namespace
}  // namespace segue
