#include "annotation/calibration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/random.h"
#include "support/logs.h"

namespace segue {
namespace {

using Floats = std::vector<float>;

TEST(Calibration, IsTheMedianOfEachLevelWhereThoseRise) {
  const auto curve = fit_calibration(Floats{0.2f, 0.8f, 0.2f, 0.8f, 0.2f}, Floats{0.1f, 0.6f, 0.3f, 0.7f, 0.2f});
  EXPECT_EQ(curve.from, (Floats{0.2f, 0.8f}));
  EXPECT_EQ(curve.to, (Floats{0.2f, 0.65f}));
  EXPECT_FLOAT_EQ(curve(0.5f), 0.425f);
  EXPECT_FLOAT_EQ(curve(0), 0.2f);
  EXPECT_FLOAT_EQ(curve(1), 0.65f);
}

TEST(Calibration, PoolsNeighboursThatFall) {
  // Medians .1, .5, .3, .9: the second and third together hold .5 and .3.
  const auto curve = fit_calibration(Floats{0, 0.25f, 0.5f, 1}, Floats{0.1f, 0.5f, 0.3f, 0.9f});
  EXPECT_EQ(curve.from, (Floats{0, 0.25f, 0.5f, 1}));
  EXPECT_EQ(curve.to, (Floats{0.1f, 0.4f, 0.4f, 0.9f}));
  // A median, not a mean: one odd expert moves nothing.
  EXPECT_FLOAT_EQ(fit_calibration(Floats{1, 1, 1}, Floats{0.5f, 0.5f, 0}).to[0], 0.5f);
}

TEST(Calibration, IsTheConstantWherePredictionsSayNothing) {
  const Floats expert{0.9f, 0.1f, 0.4f, 0.5f};
  EXPECT_EQ(fit_calibration(Floats{0.7f, 0.7f, 0.7f, 0.7f}, expert).to, Floats{median(expert)});
  const auto falling = fit_calibration(Floats{0, 0.2f, 0.4f, 0.6f}, Floats{0.9f, 0.5f, 0.4f, 0.1f});
  EXPECT_EQ(falling.to, (Floats{0.45f, 0.45f}));
  EXPECT_EQ(falling.from, (Floats{0, 0.6f}));
}

/// The least absolute error that a curve through all levels can have which never falls: over the experts' values by
/// dynamic programming, where one of the best curves lies.
double least_error(const Floats& predicted, const Floats& expert) {
  Floats levels = predicted, heights = expert;
  for (auto* values : {&levels, &heights}) {
    std::sort(values->begin(), values->end());
    values->erase(std::unique(values->begin(), values->end()), values->end());
  }
  std::vector<double> least(heights.size(), 0);  // with this level at most so high
  for (const float level : levels) {
    std::vector<double> next(heights.size());
    double best = std::numeric_limits<double>::infinity();
    for (size_t h = 0; h < heights.size(); ++h) {
      double error = least[h];
      for (size_t i = 0; i < expert.size(); ++i) error += predicted[i] == level ? std::abs(static_cast<double>(expert[i]) - static_cast<double>(heights[h])) : 0;
      next[h] = best = std::min(best, error);
    }
    least = next;
  }
  return least.back();
}

TEST(Calibration, HasTheLeastErrorOfAllRisingCurves) {
  Random random(5);
  for (int round = 0; round < 300; ++round) {
    Floats predicted, expert;
    for (uint64_t n = 1 + random.below(14); n > 0; --n) {
      predicted.push_back(static_cast<float>(random.below(6)) / 5);
      expert.push_back(static_cast<float>(random.below(11)) / 10);
    }
    const auto curve = fit_calibration(predicted, expert);
    double error = 0;
    for (size_t i = 0; i < expert.size(); ++i) error += std::abs(static_cast<double>(curve(predicted[i])) - static_cast<double>(expert[i]));
    EXPECT_NEAR(error, least_error(predicted, expert), 1e-5);
    EXPECT_TRUE(std::is_sorted(curve.to.begin(), curve.to.end()));
  }
}

TEST(Calibration, GivesBackWhatComesWithoutLevels) { EXPECT_FLOAT_EQ(Calibration()(0.37f), 0.37f); }

TEST(Calibration, RefusesWhatCannotBeFitted) {
  EXPECT_THROW(fit_calibration({}, {}), std::invalid_argument);
  EXPECT_THROW(fit_calibration(Floats{1}, Floats{1, 1}), std::invalid_argument);
  EXPECT_THROW(fit_calibration(Floats{1}, Floats{std::nanf("")}), std::invalid_argument);
  EXPECT_THROW(median({}), std::invalid_argument);
}

TEST(Calibration, GoesThroughJson) {
  const auto curve = fit_calibration(Floats{0.2f, 0.8f}, Floats{0.1f, 0.6f});
  const auto again = calibration_of(nlohmann::json::parse(to_json(curve).dump()));
  EXPECT_EQ(again.from, curve.from);
  EXPECT_EQ(again.to, curve.to);
  for (const char* bad : {"[]", "{}", R"({"from":[0.1],"to":["x"]})", R"({"from":[0.1],"to":[null]})", R"({"from":[0.1],"to":[]})",
                          R"({"from":[0.2,0.1],"to":[0,1]})", R"({"from":[0.1,0.1],"to":[0,1]})", R"({"from":[0.1,0.2],"to":[1,0]})", R"({"from":[0.1],"to":[1.5]})"}) {
    EXPECT_NE(error_of([&] { calibration_of(nlohmann::json::parse(bad)); }).find("a calibration"), std::string::npos) << bad;
  }
}

}  // namespace
}  // namespace segue
