#include "listening/plays.h"

#include <gtest/gtest.h>

#include "support/scratch.h"

namespace segue {
namespace {

TEST(Plays, NumberListenersAndReasonsInTheOrderOfFirstAppearance) {
  Plays plays;
  EXPECT_EQ(plays.listener("bob"), 0);
  EXPECT_EQ(plays.listener("ann"), 1);
  EXPECT_EQ(plays.listener("bob"), 0);
  EXPECT_EQ(plays.reason(""), 0);
  EXPECT_EQ(plays.reason("fwdbtn"), 1);
  EXPECT_EQ(plays.reason("fwdbtn"), 1);
}

TEST(Plays, ForgetReasonsPastTheLastThatFits) {
  Plays plays;
  for (int i = 1; i <= 255; ++i) EXPECT_EQ(plays.reason(std::to_string(i)), i);
  EXPECT_EQ(plays.reason("one too many"), 0);
  EXPECT_EQ(plays.reason("255"), 255);
}

TEST(Plays, ComeBackFromTheirFiles) {
  const Scratch scratch;
  Plays plays;
  plays.listener("bob");
  plays.listener("ann \u266b");
  plays.reason("trackdone");
  plays.rows[0] = {{.start_ms = -5, .row = 4'000'000'000u, .spelling = 1, .played_ms = 0, .source = 65535, .start_error_s = 60,
                    .reason_end = 1, .skipped = 0, .duplicate = true}};
  plays.rows[1] = {{.start_ms = 1, .row = 1}, {.start_ms = 2, .row = 2, .skipped = 1}};
  plays.save(scratch.folder(), {7, 8}, "Europe/Berlin");
  const Plays read = Plays::load(scratch.folder());
  EXPECT_EQ(read.listeners, plays.listeners);
  EXPECT_EQ(read.count(), 3);
  const PlayRow& row = read.rows[0].at(0);
  EXPECT_EQ(row.start_ms, -5);
  EXPECT_EQ(row.row, 4'000'000'000u);
  EXPECT_EQ(row.spelling, 1);
  EXPECT_EQ(row.played_ms, 0);
  EXPECT_EQ(row.source, 65535);
  EXPECT_EQ(row.start_error_s, 60);
  EXPECT_EQ(read.reasons[row.reason_end], "trackdone");
  EXPECT_EQ(row.skipped, 0);
  EXPECT_TRUE(row.duplicate);
  EXPECT_EQ(read.rows[1].at(0).played_ms, -1);
  EXPECT_EQ(read.rows[1].at(0).skipped, -1);
  EXPECT_EQ(read.rows[1].at(1).skipped, 1);
}

TEST(PlayRow, IsPlacedAtItsEndWhereThatIsKnown) {
  EXPECT_EQ((PlayRow{.start_ms = 100, .played_ms = 50}).moment_ms(), 150);
  EXPECT_EQ((PlayRow{.start_ms = 100, .played_ms = -1}).moment_ms(), 100);
}

}  // namespace
}  // namespace segue
