#include "ranking/backbone_states.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <numeric>

#include "tensors/small_log.h"

namespace segue {
namespace {

TEST(VectorModel, ReadsNothingAnewForTheSameQuestions) {
  std::vector<int32_t> row(20), plays;
  std::iota(row.begin(), row.end(), 0);
  for (int32_t i = 0; i < 60; ++i) plays.push_back(i * 7 % 20);
  const auto configuration = small_configuration("sasrec");
  const auto model = make_model(configuration, row, 20, 1);
  const Log log = small_log({plays, plays}, 20);
  const PlayTable table(log, 2);
  const std::vector<Asked> asked{asked_of(log, {0, 30, 30}), asked_of(log, {1, 90, 90})}, one{asked[0]};
  const VectorModel made = vector_model(*model, table, {.length = 12});
  const auto states = made.states(asked);
  const at::NoGradGuard no_grad;
  for (auto& parameter : model->backbone().parameters()) parameter.add_(0.5);  // whoever reads now reads something else
  EXPECT_EQ(made.states(asked), states);
  const auto anew = made.states(one);
  ASSERT_EQ(anew.size() * 2, states.size());
  EXPECT_NE(anew, std::vector<float>(states.begin(), states.begin() + std::ssize(anew)));
  EXPECT_NE(made.states(asked), states);  // only the last questions are known
}

}  // namespace
}  // namespace segue
