#include "listening/merge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "core/random.h"

namespace segue {
namespace {

// Spelling n is track n / 10 and has the identity n: 10 and 11 are two spellings of track 1.
const std::vector<int32_t> track = [] {
  std::vector<int32_t> of(40);
  for (int i = 0; i < 40; ++i) of[static_cast<size_t>(i)] = i / 10;
  return of;
}();
const std::vector<int32_t> identity = [] {
  std::vector<int32_t> of(40);
  for (int i = 0; i < 40; ++i) of[static_cast<size_t>(i)] = i;
  return of;
}();

PlayRow row(int64_t start_s, int32_t spelling, uint16_t source, uint32_t number, int32_t played_ms = -1, uint16_t error_s = 1) {
  return {.start_ms = 1000 * start_s,
          .row = number,
          .spelling = spelling,
          .played_ms = played_ms,
          .source = source,
          .start_error_s = error_s};
}

MergeCounts merge(std::vector<PlayRow>& old, const std::vector<PlayRow>& fresh) { return merge_plays(old, fresh, track, identity); }

TEST(Merge, KeepsExactDuplicatesOfASourceAndFlagsAllButTheFirst) {
  std::vector<PlayRow> plays;
  const auto counts = merge(plays, {row(60, 10, 0, 3), row(0, 20, 0, 1), row(60, 10, 0, 2), row(60, 10, 0, 4)});
  EXPECT_EQ(counts.added, 4);
  EXPECT_EQ(counts.duplicate.count, 2);
  ASSERT_EQ(plays.size(), 4u);
  EXPECT_FALSE(plays[1].duplicate);
  EXPECT_EQ(plays[1].row, 2u);
  EXPECT_TRUE(plays[2].duplicate);
  EXPECT_TRUE(plays[3].duplicate);
}

TEST(Merge, DoesNotTakeAnotherSpellingOrAnotherPlayedTimeForADuplicate) {
  std::vector<PlayRow> plays;
  EXPECT_EQ(merge(plays, {row(0, 10, 0, 1), row(0, 11, 0, 2), row(0, 20, 0, 3)}).duplicate.count, 0);
  std::vector<PlayRow> others;  // both end at 10 s
  EXPECT_EQ(merge(others, {row(0, 10, 0, 1, 10'000), row(5, 10, 0, 2, 5'000)}).duplicate.count, 0);
}

TEST(Merge, AddsNothingTheSecondTime) {
  const std::vector<PlayRow> log{row(0, 10, 0, 1), row(0, 10, 0, 2), row(60, 20, 0, 3), row(60, 30, 0, 4)};
  std::vector<PlayRow> plays;
  merge(plays, log);
  auto again = log;
  for (auto& play : again) play.source = 1;
  const auto counts = merge(plays, again);
  EXPECT_EQ(counts.added, 0);
  EXPECT_EQ(counts.already_known, 4);
  EXPECT_EQ(counts.refined, 0);
  EXPECT_EQ(plays.size(), 4u);
}

TEST(Merge, AddsOfAGrownLogOnlyWhatIsNew) {
  std::vector<PlayRow> plays;
  merge(plays, {row(0, 10, 0, 1), row(60, 20, 0, 2)});
  const auto counts = merge(plays, {row(120, 10, 1, 1), row(60, 20, 1, 2), row(0, 10, 1, 3)});  // newest first this time
  EXPECT_EQ(counts.added, 1);
  EXPECT_EQ(counts.already_known, 2);
  ASSERT_EQ(plays.size(), 3u);
  EXPECT_EQ(plays[2].start_ms, 120'000);
}

TEST(Merge, AddsADuplicateMoreThanTheOlderSourceHas) {
  std::vector<PlayRow> plays;
  merge(plays, {row(0, 10, 0, 1)});
  const auto counts = merge(plays, {row(0, 10, 1, 1), row(0, 10, 1, 2)});
  EXPECT_EQ(counts.already_known, 1);
  EXPECT_EQ(counts.added, 1);
  EXPECT_EQ(counts.duplicate.count, 1);
}

TEST(Merge, TakesTheFinerStartAndWhatOnlyTheOtherKnows) {
  std::vector<PlayRow> plays;
  merge(plays, {row(60, 10, 0, 1, -1, 60)});  // to the minute
  const auto counts = merge(plays, {row(87, 11, 1, 1, 200'000, 1)});  // to the second, in another spelling
  EXPECT_EQ(counts.already_known, 1);
  EXPECT_EQ(counts.refined, 1);
  ASSERT_EQ(plays.size(), 1u);
  EXPECT_EQ(plays[0].start_ms, 87'000);
  EXPECT_EQ(plays[0].start_error_s, 1);
  EXPECT_EQ(plays[0].played_ms, 200'000);
  EXPECT_EQ(plays[0].source, 0);
}

TEST(Merge, KeepsTheFinerStartAgainstACoarserOne) {
  std::vector<PlayRow> plays;
  merge(plays, {row(87, 10, 0, 1)});
  const auto counts = merge(plays, {row(60, 10, 1, 1, 200'000, 60)});
  EXPECT_EQ(counts.already_known, 1);
  EXPECT_EQ(counts.refined, 1);
  EXPECT_EQ(plays[0].start_ms, 87'000);
  EXPECT_EQ(plays[0].played_ms, 200'000);
}

TEST(Merge, TakesForOnePlayWhatIsNoFurtherApartThanTheCoarserError) {
  std::vector<PlayRow> plays;
  merge(plays, {row(0, 10, 0, 1, -1, 60)});
  EXPECT_EQ(merge(plays, {row(60, 10, 1, 1)}).already_known, 1);
  std::vector<PlayRow> others;
  merge(others, {row(0, 10, 0, 1, -1, 60)});
  EXPECT_EQ(merge(others, {row(61, 10, 1, 1)}).added, 1);
  std::vector<PlayRow> tracks;
  merge(tracks, {row(0, 10, 0, 1, -1, 60)});
  EXPECT_EQ(merge(tracks, {row(0, 20, 1, 1)}).added, 1);
}

TEST(Merge, MatchesEachOldPlayOnceEqualStartsFirst) {
  std::vector<PlayRow> plays;
  merge(plays, {row(0, 10, 0, 1, -1, 60), row(50, 10, 0, 2, -1, 60)});
  const auto counts = merge(plays, {row(0, 10, 1, 1), row(10, 10, 1, 2), row(20, 10, 1, 3)});
  EXPECT_EQ(counts.already_known, 2);  // 0 is 0; 10 takes 50, the only one left in a minute's reach
  EXPECT_EQ(counts.added, 1);
}

TEST(Merge, LeavesPlaysInTheOrderOfTheirEnds) {
  std::vector<PlayRow> plays;
  merge(plays, {row(0, 10, 0, 1, 100'000), row(50, 20, 0, 2)});
  merge(plays, {row(70, 30, 1, 1)});
  ASSERT_EQ(plays.size(), 3u);
  EXPECT_EQ(plays[0].spelling, 20);
  EXPECT_EQ(plays[1].spelling, 30);
  EXPECT_EQ(plays[2].spelling, 10);  // from 0 to 100 s
}

TEST(Overlap, CountsPlaysThatRunWhileAnotherTrackIsHeard) {
  // Ten minutes each, back to back.
  std::vector<PlayRow> old;
  for (uint32_t i = 0; i < 10; ++i) old.push_back(row(600 * i, 10, 0, i + 1, 600'000));
  const auto found = overlap(old, {row(300, 20, 1, 1, 600'000), row(1200, 10, 1, 2, 600'000), row(99'999, 20, 1, 3, 600'000)}, track);
  EXPECT_EQ(found.inside, 2);      // the last one is after all of them
  EXPECT_EQ(found.impossible, 1);  // the second is the same track
}

TEST(Overlap, ForgivesTwoMinutes) {
  const std::vector<PlayRow> old{row(0, 10, 0, 1, 200'000), row(900, 10, 0, 2, 200'000)};
  EXPECT_EQ(overlap(old, {row(100, 20, 1, 1, 300'000)}, track).impossible, 0);  // 100 s in common
  EXPECT_EQ(overlap(old, {row(60, 20, 1, 1, 300'000)}, track).impossible, 1);   // 140 s
}

/// M2 by trying every pair: numbers of the old rows that the new ones are.
std::vector<int> matches_by_hand(const std::vector<PlayRow>& old, const std::vector<PlayRow>& fresh) {
  const auto key = [](const PlayRow& r) { return std::tuple(r.spelling / 10, r.start_ms, r.played_ms, r.row); };
  const auto order = [&](const std::vector<PlayRow>& rows) {
    std::vector<size_t> sorted(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) sorted[i] = i;
    std::sort(sorted.begin(), sorted.end(), [&](size_t a, size_t b) { return key(rows[a]) < key(rows[b]); });
    return sorted;
  };
  std::vector<int> match(fresh.size(), -1);
  std::vector<bool> taken(old.size());
  const auto left = order(old), right = order(fresh);
  for (const bool equal : {true, false}) {
    for (const size_t i : right) {
      if (match[i] >= 0) continue;
      int64_t nearest = INT64_MAX;
      for (const size_t o : left) {
        const int64_t distance = std::abs(old[o].start_ms - fresh[i].start_ms);
        const int64_t allowed = 1000 * std::max(old[o].start_error_s, fresh[i].start_error_s);
        const bool fits = equal ? distance == 0 && old[o].played_ms == fresh[i].played_ms : distance <= allowed;
        if (taken[o] || old[o].spelling / 10 != fresh[i].spelling / 10 || !fits || distance >= nearest) continue;
        nearest = distance;
        match[i] = static_cast<int>(o);
      }
      if (match[i] >= 0) taken[static_cast<size_t>(match[i])] = true;
    }
  }
  return match;
}

TEST(Merge, FindsWhatTryingEveryPairFinds) {
  for (uint64_t world = 0; world < 3000; ++world) {
    Random random(31, world);
    const uint64_t span = 1 + random.below(40), errors = 1 + random.below(4), times = 1 + random.below(4);
    const auto log = [&](uint16_t source) {
      std::vector<PlayRow> rows;
      const uint64_t n = random.below(14);
      for (uint32_t i = 0; i < n; ++i) {
        const auto spelling = static_cast<int32_t>(10 * random.below(2) + random.below(2));
        rows.push_back(row(static_cast<int64_t>(random.below(span)), spelling, source, i + 1,
                           static_cast<int32_t>(random.below(times)) * 1000 - 1,
                           static_cast<uint16_t>(5 * random.below(errors))));
      }
      return rows;
    };
    std::vector<PlayRow> plays;
    merge(plays, log(0));
    auto fresh = log(1);
    // Known by their reasons afterwards: that of a new row goes to the old one it is.
    for (size_t i = 0; i < fresh.size(); ++i) fresh[i].reason_end = static_cast<uint8_t>(i + 1);
    std::map<std::pair<uint16_t, uint32_t>, uint8_t> wanted, got;
    const auto match = matches_by_hand(plays, fresh);
    for (const auto& old : plays) wanted[{old.source, old.row}] = 0;
    for (size_t i = 0; i < fresh.size(); ++i) {
      const PlayRow& is = match[i] < 0 ? fresh[i] : plays[static_cast<size_t>(match[i])];
      wanted[{is.source, is.row}] = fresh[i].reason_end;
    }
    merge(plays, fresh);
    for (const auto& play : plays) got[{play.source, play.row}] = play.reason_end;
    ASSERT_EQ(got, wanted) << "world " << world;
  }
}

TEST(Merge, TakesThousandsOfPlaysOfOneMomentInTheirTurn) {
  std::vector<PlayRow> plays, fresh;
  constexpr int many = 100'000;
  for (int i = 0; i < many; ++i) plays.push_back(row(0, 10, 0, static_cast<uint32_t>(i + 1), 2 * i, 60));
  for (int i = 0; i < many; ++i) fresh.push_back(row(30, 10, 1, static_cast<uint32_t>(i + 1), 2 * i + 1, 60));
  EXPECT_EQ(merge(plays, fresh).already_known, many);
}

}  // namespace
}  // namespace segue
