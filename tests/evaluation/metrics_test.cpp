#include "evaluation/metrics.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace segue {
namespace {

using Json = nlohmann::json;

TEST(Metrics, AreWhatPaperSays) {
  EXPECT_DOUBLE_EQ(recall(10, 10), 1);
  EXPECT_DOUBLE_EQ(recall(10.5, 10), 0);
  EXPECT_DOUBLE_EQ(precision(3, 5), 0.2);
  EXPECT_DOUBLE_EQ(mrr(4, 10), 0.25);
  EXPECT_DOUBLE_EQ(average_precision(4, 10), 0.25);
  EXPECT_DOUBLE_EQ(ndcg(1, 1), 1);
  EXPECT_DOUBLE_EQ(ndcg(3, 5), 0.5);
  EXPECT_DOUBLE_EQ(ndcg(7, 10), 1.0 / 3);
}

TEST(Metrics, ArePaidInFullForTheFirstPlaceAndNothingBelowTheCut) {
  for (const auto& row : measures()) {
    const bool is_precision = row.name.starts_with("precision");
    EXPECT_DOUBLE_EQ(row.metric(1, row.k), is_precision ? 1.0 / row.k : 1.0) << row.name;
    EXPECT_EQ(row.metric(row.k + 0.5, row.k), 0) << row.name;
  }
}

TEST(Metrics, NameWhatTheyKnowWhenOneIsMistyped) {
  EXPECT_EQ(measure("mrr@20").k, 20);
  EXPECT_THROW(measure("ndcg@7"), Error);
  EXPECT_THROW(ties_rules().at("random"), Error);
}

TEST(Ties, PutTheTargetWhereTheRuleSays) {
  const Place place{.above = 2, .level = 3};  // one of the places 3, 4, 5, 6
  EXPECT_DOUBLE_EQ(rank_of(place, Ties::optimistic), 3);
  EXPECT_DOUBLE_EQ(rank_of(place, Ties::mean_rank), 4.5);
  EXPECT_DOUBLE_EQ(rank_of(place, Ties::pessimistic), 6);
  EXPECT_DOUBLE_EQ(metric_of(place, recall, 4, Ties::expected), 0.5);
  EXPECT_DOUBLE_EQ(metric_of(place, mrr, 4, Ties::expected), (1.0 / 3 + 1.0 / 4) / 4);
  EXPECT_DOUBLE_EQ(metric_of({.above = 9, .level = 99'999}, recall, 10, Ties::expected), 1e-5);
  EXPECT_DOUBLE_EQ(metric_of({.above = 10, .level = 99'999}, recall, 10, Ties::expected), 0);
}

TEST(Ties, MakeNoDifferenceWhereNothingIsLevel) {
  for (const auto& row : measures()) {
    for (const auto& [name, rule] : ties_rules()) {
      EXPECT_DOUBLE_EQ(metric_of({.above = 4, .level = 0}, row.metric, row.k, rule), row.metric(5, row.k)) << row.name << name;
    }
  }
}

TEST(ListMetrics, AreWhatPaperSays) {
  const auto got = metrics_of_list({0, 1, 1, 0}, 4, 3);  // precisions 1/2 and 2/3
  EXPECT_DOUBLE_EQ(got.recall, 0.5);
  EXPECT_DOUBLE_EQ(got.precision, 2.0 / 3);
  EXPECT_DOUBLE_EQ(got.mrr, 0.5);
  EXPECT_DOUBLE_EQ(got.map, (0.5 + 2.0 / 3) / 3);
  EXPECT_DOUBLE_EQ(got.map_all, (0.5 + 2.0 / 3) / 4);
  EXPECT_DOUBLE_EQ(metrics_of_list({1, 1, 0}, 2, 3).ndcg, 1);
}

Json oracle() {
  const char* named = std::getenv("SEGUE_ORACLES");
  const std::filesystem::path folder = named != nullptr ? named : SEGUE_SOURCE_DIR "/../shared/oracles";
  std::ifstream file(folder / "metrics" / "cases.json");
  return file ? Json::parse(file) : Json();
}

/// A score as the oracle writes it: null is not a number and below every number.
std::pair<bool, double> comparable(const Json& score) {
  if (score.is_null()) return {false, 0};
  if (score.is_string()) return {true, score == "inf" ? INFINITY : -INFINITY};
  return {true, score.get<double>()};
}

Place place_in(const Json& scores, size_t target) {
  Place place{.above = 0, .level = -1};
  const auto own = comparable(scores[target]);
  for (const auto& score : scores) {
    place.above += comparable(score) > own ? 1 : 0;
    place.level += comparable(score) == own ? 1 : 0;
  }
  return place;
}

TEST(MetricsOracle, AgreesOnOneRelevantTrack) {
  const Json cases = oracle();
  if (cases.is_null()) GTEST_SKIP() << "no oracles: name their folder in SEGUE_ORACLES";
  const std::map<std::string, Ties> rules{
      {"optimistic", Ties::optimistic}, {"pessimistic", Ties::pessimistic}, {"mean", Ties::mean_rank}};
  for (const auto& row : cases["one_relevant"]) {
    const Place place = place_in(row["scores"], row["target"].get<size_t>());
    for (const auto& [name, rule] : rules) {
      EXPECT_DOUBLE_EQ(rank_of(place, rule), row["ranks"][name].get<double>());
      for (const auto& m : measures()) {
        const auto metric = m.name.substr(0, m.name.find('@'));
        const double expected = row["metrics"][name][std::to_string(m.k)][metric];
        EXPECT_NEAR(metric_of(place, m.metric, m.k, rule), expected, 1e-9) << m.name;
      }
    }
  }
}

TEST(MetricsOracle, AgreesOnSeveralRelevantTracks) {
  const Json cases = oracle();
  if (cases.is_null()) GTEST_SKIP() << "no oracles: name their folder in SEGUE_ORACLES";
  for (const auto& row : cases["multi_relevant"]) {
    const auto relevant = row["relevant"].get<std::vector<int>>();
    std::vector<uint8_t> hit;
    for (const int track : row["order"]) hit.push_back(std::count(relevant.begin(), relevant.end(), track) > 0);
    for (const int k : cuts()) {
      const auto got = metrics_of_list(hit, static_cast<int64_t>(relevant.size()), k);
      const auto& expected = row["metrics"][std::to_string(k)];
      EXPECT_NEAR(got.recall, expected["recall"].get<double>(), 1e-9);
      EXPECT_NEAR(got.precision, expected["precision"].get<double>(), 1e-9);
      EXPECT_NEAR(got.mrr, expected["mrr"].get<double>(), 1e-9);
      EXPECT_NEAR(got.map, expected["map"].get<double>(), 1e-9);
      EXPECT_NEAR(got.map_all, expected["map_all"].get<double>(), 1e-9);
      EXPECT_NEAR(got.ndcg, expected["ndcg"].get<double>(), 1e-9);
    }
  }
}

}  // namespace
}  // namespace segue
