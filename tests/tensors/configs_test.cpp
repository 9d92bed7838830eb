#include <gtest/gtest.h>

#include "core/options.h"
#include "experiments/grid.h"
#include "support/scratch.h"
#include "tensors/small_log.h"
#include "training/configuration.h"

namespace segue {
namespace {

TEST(Configs, AreAllRead) {
  int read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(Path(SEGUE_SOURCE_DIR) / "configs")) {
    if (entry.is_directory()) continue;
    const Configuration configuration(read_config(entry.path().string(), {}));
    EXPECT_NO_THROW(make_model(configuration, {0, 1, -1}, 2, 1)) << entry.path();
    ++read;
  }
  EXPECT_GE(read, 4);
}

/// Those of language models leave out their folder, which is the user's.
TEST(Configs, OfThePaperAreAllRead) {
  int read = 0, language = 0;
  for (const auto& entry : std::filesystem::directory_iterator(Path(SEGUE_SOURCE_DIR) / "configs" / "paper")) {
    const bool wants_model = read_config(entry.path().string(), {})["backbone"]["name"].as<std::string>() == "language";
    std::vector<std::string> settings;
    if (wants_model) settings = {"backbone.folder=" + language_folder().string(), "backbone.positions=60", "backbone.instruction=abc", "backbone.response=d"};
    const Configuration configuration(read_config(entry.path().string(), settings));
    EXPECT_NO_THROW(make_model(configuration, {0, 1, -1}, 2, 1)) << entry.path();
    if (wants_model) {
      EXPECT_THROW(Configuration(read_config(entry.path().string(), {})), Error);
    }
    language += wants_model ? 1 : 0;
    ++read;
  }
  EXPECT_EQ(read, 7);
  EXPECT_EQ(language, 4);
}

TEST(Configs, GridsNameOnlySettingsThereAre) {
  int read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(Path(SEGUE_SOURCE_DIR) / "configs" / "grids")) {
    for (const auto& variant : read_grid(entry.path().string()).variants) {
      YAML::Node config = YAML::Clone(variant.config);
      if (config["backbone"] && config["backbone"]["folder"]) config["backbone"]["folder"] = language_folder().string();  // the grid's is the user's
      EXPECT_NO_THROW(Configuration{config}) << entry.path() << variant.name;
    }
    ++read;
  }
  EXPECT_GE(read, 3);
}

TEST(Configs, AreWrittenOutWithEveryDefaultAndReadBackTheSame) {
  const Configuration some(read_config("", {"backbone.name=gru4rec", "backbone.hidden=33", "objective.name=gbce", "items.width=24"}));
  const Configuration back(some.resolved());
  EXPECT_EQ(YAML::Dump(some.resolved()), YAML::Dump(back.resolved()));
  EXPECT_EQ(back.backbone, "gru4rec");
  EXPECT_EQ(some.resolved()["backbone"]["hidden"].as<int>(), 33);
}

TEST(Configs, RefuseASectionThereIsNot) {
  EXPECT_THROW(Configuration(read_config("", {"backbon.name=sasrec"})), Error);
  EXPECT_THROW(Configuration(read_config("", {"objective.name=hinge"})), Error);
  EXPECT_THROW(Configuration(read_config("", {"training.learn_from=test"})), Error);
}

}  // namespace
}  // namespace segue
