#include "simulation/names.h"

#include <gtest/gtest.h>

namespace segue::simulation {
namespace {

TEST(FileName, KeepsWhatEveryFileSystemTakes) {
  EXPECT_EQ(file_name("Кашасоль & Øre, né"), "Кашасоль & Øre, né");
  EXPECT_EQ(file_name("DJ A/B: \"Who?\"\t*"), "DJ A_B_ _Who____");
  EXPECT_EQ(file_name("..."), "_");
  EXPECT_EQ(file_name(" Wait... "), "Wait");
  EXPECT_EQ(file_name("Con"), "_Con");
  EXPECT_EQ(file_name("lpt1.x"), "_lpt1.x");
}

TEST(FileName, IsCutBetweenCharacters) {
  std::string name;
  for (int i = 0; i < 60; ++i) name += "é";
  EXPECT_EQ(file_name("x" + name).size(), 79u);
}

TEST(Uuid, HasTheFormOfAMusicBrainzId) {
  Random random(1);
  for (int i = 0; i < 100; ++i) {
    const std::string id = uuid(random);
    ASSERT_EQ(id.size(), 36u);
    EXPECT_EQ(id[8], '-');
    EXPECT_EQ(id[14], '4');
    EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
  }
}

}  // namespace
}  // namespace segue::simulation
