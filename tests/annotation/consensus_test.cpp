#include "annotation/consensus.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace segue {
namespace {

/// Answers of several passes about the first gene.
Consensus of(const std::vector<std::optional<float>>& answers, double apart = 1.0) {
  std::vector<GeneValues> passes(answers.size());
  for (size_t i = 0; i < answers.size(); ++i) passes[i][0] = answers[i];
  return consensus_of(passes, apart);
}

TEST(Consensus, IsTheMeanOfAnswersThatAreClose) {
  EXPECT_FLOAT_EQ(*of({2, 3}).values[0], 2.5f);
  EXPECT_FLOAT_EQ(*of({2, 2.5f, 3}).values[0], 2.5f);
  EXPECT_EQ(of({2, 3}).standing[0], Consent::agreed);
  EXPECT_EQ(of({1.1f, 2.1f}).standing[0], Consent::agreed);
  EXPECT_FLOAT_EQ(*of({4}).values[0], 4);
}

TEST(Consensus, LeavesOutWhatTheyDisagreeAbout) {
  EXPECT_EQ(of({2, 3.5f}).standing[0], Consent::disagreed);
  EXPECT_FALSE(of({2, 3.5f}).values[0]);
  EXPECT_EQ(of({2, 3, 3.5f}).standing[0], Consent::disagreed);
  EXPECT_EQ(of({2, 3.5f}, 1.5).standing[0], Consent::agreed);
  EXPECT_EQ(of({2, 2.5f}, 0).standing[0], Consent::disagreed);
}

TEST(Consensus, LeavesOutWhatFewKnow) {
  EXPECT_EQ(of({2, {}}).standing[0], Consent::agreed);  // half of them
  EXPECT_FLOAT_EQ(*of({2, {}}).values[0], 2);
  EXPECT_EQ(of({2, {}, {}}).standing[0], Consent::seldom);
  EXPECT_FALSE(of({2, {}, {}}).values[0]);
  EXPECT_EQ(of({2, 2, {}}).standing[0], Consent::agreed);
  EXPECT_EQ(of({{}, {}}).standing[0], Consent::unknown);
  EXPECT_EQ(of({2, 2}).standing[1], Consent::unknown);
}

TEST(Consensus, RefusesNothingAndWhatIsNoNumber) {
  EXPECT_THROW(consensus_of({}), std::invalid_argument);
  EXPECT_THROW(of({1, std::nanf("")}), std::invalid_argument);
}

}  // namespace
}  // namespace segue
