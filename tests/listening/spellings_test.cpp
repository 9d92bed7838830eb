#include "listening/spellings.h"

#include <gtest/gtest.h>

#include "support/logs.h"

namespace segue {
namespace {

TEST(Spellings, AreNumberedInTheOrderOfFirstAppearanceAndKeptByteForByte) {
  Spellings spellings;
  EXPECT_EQ(spellings.add(named("Ann", "One")), 0);
  EXPECT_EQ(spellings.add(named("Ann", "ONE ")), 1);
  EXPECT_EQ(spellings.add(named("Ann", "One")), 0);
  EXPECT_EQ(spellings.title[1], "ONE ");
}

TEST(Spellings, TellFieldsApart) {
  Spellings spellings;
  EXPECT_EQ(spellings.add(named("a", "bc")), 0);
  EXPECT_EQ(spellings.add(named("ab", "c")), 1);
  EXPECT_EQ(spellings.add(named("b", "c", "", "a")), 2);
  EXPECT_EQ(spellings.add(named("b", "c", "a")), 3);
}

TEST(Spellings, MendInvalidUtf8AndCountIt) {
  Spellings spellings;
  spellings.add(named("Ann", "O\xff""e"));
  EXPECT_EQ(spellings.title[0], "O\uFFFDe");
  EXPECT_EQ(spellings.mended(), 1);
  EXPECT_EQ(spellings.add(named("Ann", "O\xff""e")), 0) << "the same log read again names the same spelling";
  EXPECT_EQ(spellings.add(named("Ann", "O\uFFFDe")), 0);
  EXPECT_EQ(spellings.size(), 1);
  EXPECT_EQ(spellings.mended(), 2) << "rows are counted";
}

TEST(Spellings, StayNumberedWhenTheyAreMany) {
  Spellings spellings;
  for (int round = 0; round < 2; ++round) {
    for (int32_t i = 0; i < 5000; ++i) {
      const std::string title = std::to_string(i);
      ASSERT_EQ(spellings.add(named("Ann", title)), i);
    }
  }
}

TEST(Spellings, AreKnownAgainAfterTheyWereSaved) {
  const Scratch scratch;
  Spellings spellings;
  spellings.add(named("Ann\t\"", "One\nTwo", "y", "x", 5));
  spellings.add({});
  spellings.track = {0, 1};
  spellings.save(scratch / "s.parquet");
  Spellings read = Spellings::load(scratch / "s.parquet");
  EXPECT_EQ(read.add({}), 1);
  EXPECT_EQ(read.add(named("Ann\t\"", "One\nTwo", "y", "x")), 0);
  EXPECT_EQ(read.size(), 2);
  EXPECT_EQ(read.length_ms, (std::vector<int64_t>{5, 0}));
  EXPECT_EQ(read.track, (std::vector<int32_t>{0, 1}));
}

TEST(RawTrackKey, IsTheIdOrElseTheNames) {
  Spellings spellings;
  spellings.add(named("Ann", "One", "t1", "a1"));
  spellings.add(named("Ann", ""));
  EXPECT_EQ(raw_track_key(spellings, 0), "t1");
  EXPECT_EQ(raw_artist_key(spellings, 0), "a1");
  EXPECT_EQ(raw_track_key(spellings, 1), "trackname_Ann||");
  EXPECT_EQ(raw_artist_key(spellings, 1), "artistname_Ann");
}

TEST(RawIdentity, IsEqualWhereBothKeysAre) {
  Spellings spellings;
  spellings.add(named("Ann", "One", "t1", "a1"));
  spellings.add(named("ANN", "ONE", "t1", "a1"));
  spellings.add(named("Ann", "One", "t1", "a2"));
  EXPECT_EQ(raw_identity(spellings), (std::vector<int32_t>{0, 0, 1}));
}

}  // namespace
}  // namespace segue
