#include "experiments/recorded_split.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "support/scratch.h"

namespace segue {
namespace {

/// Three users. 1 hears his own track 1 again, 2 hears the popular 5, 3 hears 9, which nobody knows.
struct Files {
  Scratch scratch;
  Files() {
    scratch.file("train.txt", "1 1 1 2 5\n2 3 5 5\n3 4 5\n");
    scratch.file("test.txt", "1 1 2\n2 5\n3 9 4\n");
    scratch.file("test_sample.txt", "1 1 6 7 8\n2 5 6 7 8\n3 9 6 7 8\n");
  }
  Split read() const { return read_split(scratch.folder(), "test", 1); }
  std::string refusal() const {
    try {
      read();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
};

double recall_at_1(const Split& split, const std::string& name) {
  for (const auto& ranker : split.rankers) {
    if (ranker.name == name) return ranker.metrics.at("recall@1").mean;
  }
  return -1;
}

TEST(RecordedSplit, AsksCountersTheRecordedCandidates) {
  const auto split = Files().read();
  EXPECT_EQ(split.cases, 3);
  EXPECT_EQ(split.candidates, 4);
  // Where a counter knows none of the four, each is first in a quarter of their orders.
  EXPECT_DOUBLE_EQ(recall_at_1(split, "popular"), (1 + 1 + .25) / 3);
  EXPECT_DOUBLE_EQ(recall_at_1(split, "own"), (1 + 1 + .25) / 3);
  EXPECT_DOUBLE_EQ(recall_at_1(split, "recent"), (1 + 1 + .25) / 3);
  EXPECT_DOUBLE_EQ(split.chance.at("recall@1").mean, .25);
}

TEST(RecordedSplit, TellsCountersApart) {
  Files files;
  files.scratch.file("test_sample.txt", "1 1 5 2 8\n2 5 3 7 8\n3 9 4 5 8\n");
  const auto split = files.read();
  EXPECT_DOUBLE_EQ(recall_at_1(split, "popular"), 1.0 / 3);      // 5 has four plays, 1 has two
  EXPECT_DOUBLE_EQ(recall_at_1(split, "own"), 2.0 / 3);          // 1 played 1 twice, 2 played 5 twice
  EXPECT_DOUBLE_EQ(recall_at_1(split, "recent"), 1.0 / 3);       // 1 played 5 last
  EXPECT_DOUBLE_EQ(recall_at_1(split, "own+popular"), 2.0 / 3);
}

TEST(RecordedSplit, CountsWhatIsWrongWithTheLists) {
  Files files;
  files.scratch.file("test_sample.txt", "1 1 1 6 7 8\n2 6 5 6 7 7\n3 9 4 7 8\n");
  files.scratch.file("val.txt", "3 7\n");
  files.scratch.file("item_id_master_map.csv", "item_id,track_id\n1,a\n5,\"b, c\"\n6,d\n7,e\n8,f\n9,g\n");
  const auto checks = files.read().checks;
  EXPECT_EQ(checks.twice, 2);          // 1 of user 1, 6 of user 2
  EXPECT_EQ(checks.duplicates, 1);     // 7 of user 2
  EXPECT_EQ(checks.other_sizes, 1);
  EXPECT_EQ(checks.not_first, 1);
  EXPECT_EQ(checks.heard, 3);          // 5 by user 2, 4 by user 3 in train, 7 by him in val
  EXPECT_EQ(checks.negatives, 8);
  EXPECT_EQ(checks.trained_targets, 1);
  EXPECT_EQ(checks.own_targets, 1);
  EXPECT_EQ(checks.unmapped, 1);       // 4
}

TEST(RecordedSplit, KnowsWhichTracksWereLabels) {
  Files files;
  std::string plays = "1 1";
  for (int i = 0; i < 50; ++i) plays += " 2";
  files.scratch.file("train.txt", plays + "\n2 3 5\n3 4\n");
  const auto checks = files.read().checks;
  EXPECT_EQ(checks.trained_targets, 2);
  EXPECT_EQ(checks.label_targets, 1);  // 5; 1 lies before the last fifty
}

TEST(RecordedSplit, RefusesWhatIsNoSplit) {
  Files files;
  files.scratch.file("test_sample.txt", "1 1 6 x 8\n");
  EXPECT_NE(files.refusal().find("line 1 is no row of numbers"), std::string::npos) << files.refusal();
  files.scratch.file("test_sample.txt", "1 1 6\n1 1 7\n");
  EXPECT_NE(files.refusal().find("user 1 has a line already"), std::string::npos) << files.refusal();
  files.scratch.file("test_sample.txt", "4 1 6\n");
  EXPECT_NE(files.refusal().find("user 4 has no plays"), std::string::npos) << files.refusal();
  files.scratch.file("test_sample.txt", "");
  EXPECT_NE(files.refusal().find("empty"), std::string::npos) << files.refusal();
  EXPECT_THROW(read_split("/no/such/folder", "test", 1), Error);
}

}  // namespace
}  // namespace segue
