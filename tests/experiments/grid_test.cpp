#include "experiments/grid.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "support/scratch.h"

namespace segue {
namespace {

Grid grid_of(const Scratch& scratch, const std::string& text) { return read_grid(scratch.file("grid.yaml", text).string()); }

std::vector<std::string> names_of(const Grid& grid) {
  std::vector<std::string> names;
  for (const auto& variant : grid.variants) names.push_back(variant.name);
  return names;
}

void expect_refused(const std::string& text, const std::string& because) {
  const Scratch scratch;
  try {
    grid_of(scratch, text);
    ADD_FAILURE() << text;
  } catch (const Error& refused) {
    EXPECT_NE(std::string(refused.what()).find(because), std::string::npos) << refused.what();
    EXPECT_NE(std::string(refused.what()).find("grid.yaml"), std::string::npos) << refused.what();
  }
}

TEST(Grid, MakesEveryCombinationOverItsBase) {
  const Scratch scratch;
  const Grid grid = grid_of(scratch, "base: {training: {epochs: 12}, items: {width: 32}}\n"
                                     "over: {backbone.name: [sasrec, gru4rec], items.width: [64, 128]}\n");
  EXPECT_EQ(names_of(grid), (std::vector<std::string>{"sasrec-width-64", "sasrec-width-128", "gru4rec-width-64", "gru4rec-width-128"}));
  const auto& last = grid.variants.back();
  EXPECT_EQ(last.config["backbone"]["name"].as<std::string>(), "gru4rec");
  EXPECT_EQ(last.config["items"]["width"].as<int>(), 128);
  EXPECT_EQ(last.config["training"]["epochs"].as<int>(), 12);
  EXPECT_EQ(last.settings, (std::vector<std::string>{"backbone.name=gru4rec", "items.width=128"}));
  EXPECT_EQ(grid.variants.front().config["items"]["width"].as<int>(), 64);  // each has its own
}

TEST(Grid, TakesNamedVariantsThatAreNoProduct) {
  const Scratch scratch;
  scratch.file("published.yaml", "backbone: {name: bert4rec, blocks: 2}\nitems: {unit: false}\n");
  const Grid grid = grid_of(scratch, "base: {items: {width: 32}}\nvariants:\n- {name: ours}\n- {name: theirs, config: published.yaml, backbone.blocks: 3}\n");
  EXPECT_EQ(names_of(grid), (std::vector<std::string>{"ours", "theirs"}));
  EXPECT_EQ(grid.variants[1].config["backbone"]["blocks"].as<int>(), 3);
  EXPECT_EQ(grid.variants[1].config["items"]["width"].as<int>(), 32);
  EXPECT_FALSE(grid.variants[1].config["items"]["unit"].as<bool>());
}

TEST(Grid, ReadsItsBaseFromAFileBesideIt) {
  const Scratch scratch;
  scratch.file("base.yaml", "training: {epochs: 7, patience: 3}\n");
  const Grid grid = grid_of(scratch, "data: log\nbase: {config: base.yaml, training: {patience: 9}}\n");
  EXPECT_EQ(names_of(grid), std::vector<std::string>{"base"});
  EXPECT_EQ(grid.variants[0].config["training"]["epochs"].as<int>(), 7);
  EXPECT_EQ(grid.variants[0].config["training"]["patience"].as<int>(), 9);
  EXPECT_EQ(grid.data, scratch / "log");
  EXPECT_EQ(grid.seeds, (std::vector<uint64_t>{1, 2, 3, 4, 5}));
}

TEST(Grid, NamesTheSectionWhereTwoKeysEndAlike) {
  const Scratch scratch;
  const Grid grid = grid_of(scratch, "over: {backbone.dropout: [0, 0.1], plays.dropout: [0.2]}\n");
  EXPECT_EQ(names_of(grid), (std::vector<std::string>{"backbone.dropout-0-plays.dropout-0.2", "backbone.dropout-0.1-plays.dropout-0.2"}));
}

TEST(Grid, TakesListsOfNamesAsValues) {
  const Scratch scratch;
  const Grid grid = grid_of(scratch, "variants: [{name: both, items.signals: [sound, tags]}]\n");
  ASSERT_EQ(grid.variants.size(), 1u);
  EXPECT_EQ(grid.variants[0].settings, (std::vector<std::string>{"items.signals=[sound, tags]"}));
  EXPECT_EQ(grid.variants[0].config["items"]["signals"].as<std::vector<std::string>>(), (std::vector<std::string>{"sound", "tags"}));
}

TEST(Grid, RefusesWhatItCantMean) {
  expect_refused("dta: x\n", "no key 'dta'; known: data, protocol");
  expect_refused("over: {backbone: [sasrec]}\n", "section.key is wanted");
  expect_refused("over: {backbone.name: sasrec}\n", "a list of values is wanted");
  expect_refused("over: {items.width: [64, 64]}\n", "two variants are called 'width-64'");
  expect_refused("over: {items.width: [{a: 1}]}\n", "a value is wanted, or a list of them");
  expect_refused("variants: [{items.width: 3}]\n", "each wants a name");
  expect_refused("variants: [{name: ../x}]\n", "can't be a folder's name");
  expect_refused("seeds: many\n", "seeds");
  expect_refused("seeds: [1, 1]\n", "twice");
  expect_refused("part: train\n", "known: test, val");
  expect_refused("base: {training: 3}\n", "base.training");
  expect_refused("[1, 2]\n", "a grid is wanted");
  expect_refused("over: {\n", "grid.yaml");
}

}  // namespace
}  // namespace segue
