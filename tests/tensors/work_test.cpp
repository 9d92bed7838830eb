#include "training/work.h"

#include <gtest/gtest.h>

#include "tensors/small_log.h"

namespace segue {
namespace {

/// Ninety plays to learn from, ten to weigh the mix by, ten cases of a part each.
Prepared prepared() {
  Prepared all;
  all.log = small_log({std::vector<int32_t>(100, 1)}, 50);
  std::fill(all.log.part.begin() + 90, all.log.part.end(), Part::gate);
  all.test.resize(10);
  all.val.resize(10);
  return all;
}

Configuration configuration(const std::vector<std::string>& more) {
  std::vector<std::string> all{"items.width=16", "objective.negatives=10", "training.epochs=2", "training.learn_from=train", "windows.length=20", "plays.followed=false"};
  all.insert(all.end(), more.begin(), more.end());
  return Configuration(read_config("", all));
}

TEST(Work, CountsProductsOfWhatIsLearnedAndAsked) {
  const auto some = configuration({"backbone.name=gru4rec", "backbone.hidden=8"});
  const auto weights = backbones().at("gru4rec").weights(some.backbone_section, {16, 20});
  EXPECT_EQ(weights.frozen, 0);
  EXPECT_GT(weights.learned, 3 * 8 * (16 + 8));  // the cell's matrices
  const auto numbers = static_cast<double>(weights.learned);
  // Two epochs of a hundred plays; twenty questions, two plays read for each, all fifty tracks scored.
  const double learning = 200 * 6 * numbers + 200 * 6 * 16 * 10, asking = 40 * 2 * numbers + 20 * 2 * 16 * 50;
  EXPECT_DOUBLE_EQ(work_of(some, prepared()).operations, learning + asking);
  EXPECT_FALSE(work_of(some, prepared()).language);
}

TEST(Work, GrowsWithWindowsOfOneTargetAndShrinksToABudget) {
  const auto operations = [&](const std::vector<std::string>& more) { return work_of(configuration(more), prepared()).operations; };
  EXPECT_GT(operations({"windows.targets=last"}), 10 * operations({}));
  EXPECT_LT(operations({"training.positions=100"}), 0.7 * operations({}));
  EXPECT_DOUBLE_EQ(operations({"training.positions=100000"}), operations({}));
}

TEST(Work, KnowsALanguageModelByItsConfigAlone) {
  const Scratch scratch;
  MadeDecoder().write_with_tokenizer(scratch.folder());
  std::filesystem::remove(scratch / "model.safetensors");
  const auto language = configuration({"backbone.name=language", "backbone.folder=" + scratch.folder().string(), "backbone.rank=4", "backbone.layers=1", "backbone.storage=int8"});
  const auto weights = backbones().at("language").weights(language.backbone_section, {16, 20});
  EXPECT_EQ(weights.frozen, 16 * 16 + 2 * 8 * 16 + 16 * 16 + 3 * 24 * 16);  // q, k and v, out; gate, up and down
  EXPECT_EQ(weights.frozen_bytes, weights.frozen);
  const Work work = work_of(language, prepared());
  EXPECT_GT(work.operations, 200 * 4 * static_cast<double>(weights.frozen));
  EXPECT_EQ(Work(work).language, weights.frozen > weights.learned);
}

TEST(Work, IsTimedByATrialOfThisMachine) {
  const double seconds = seconds_of_an_operation(at::kCPU);
  EXPECT_GT(seconds, 1e-13);
  EXPECT_LT(seconds, 1e-6);
}

TEST(Budget, OfPositionsIsSharesOfEpochs) {
  EXPECT_DOUBLE_EQ(configuration({"training.positions=50"}).within_budget(200).training.epochs, 0.25);
  EXPECT_DOUBLE_EQ(configuration({"training.positions=5000"}).within_budget(200).training.epochs, 2);
  EXPECT_DOUBLE_EQ(configuration({}).within_budget(200).training.epochs, 2);
  EXPECT_THROW(configuration({"training.positions=-1"}), Error);
}

}  // namespace
}  // namespace segue
