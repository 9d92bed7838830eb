#include "experiments/grid.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

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

const char* const of_paper = R"(
protocol: [paper, segue]
over:
  encoder: {sasrec: {items.from: "run:sasrec"}, gru4rec: {items.from: "run:gru4rec"}}
  signals: {ids: {}, audio: {items.signals: [audio]}, all: {items.signals: [audio, genes]}}
  fusion.name: [concat, film]
  completion: {none: {plays.completion: false}, input: {plays.completion: true}, prompt: {backbone.told: 3, windows.targets: last}}
except:
  - {signals: ids, fusion.name: film}
variants:
  - {name: gru4rec, backbone.name: gru4rec}
  - {name: sasrec}
)";

TEST(Grid, VariesNamedSettingsButForExceptions) {
  const Scratch scratch;
  const Grid grid = grid_of(scratch, of_paper);
  EXPECT_EQ(grid.protocols, (std::vector<std::string>{"paper", "segue"}));
  ASSERT_EQ(grid.factors.size(), 4u);
  EXPECT_EQ(grid.factors[1].name, "signals");
  EXPECT_EQ(grid.factors[1].values, (std::vector<std::string>{"ids", "audio", "all"}));
  EXPECT_EQ(grid.variants.size(), 2u * (3 * 2 - 1) * 3 + 2);
  for (const auto& variant : grid.variants) {
    if (variant.values.empty()) continue;
    EXPECT_FALSE(variant.values[1] == "ids" && variant.values[2] == "film") << variant.name;
  }
  const auto found = std::find_if(grid.variants.begin(), grid.variants.end(), [](const Variant& v) { return v.name == "sasrec-all-film-prompt"; });
  ASSERT_NE(found, grid.variants.end());
  EXPECT_EQ(found->values, (std::vector<std::string>{"sasrec", "all", "film", "prompt"}));
  EXPECT_EQ(found->config["backbone"]["told"].as<int>(), 3);
  EXPECT_EQ(begins_from(found->config), "sasrec");
}

TEST(Grid, PutsBehindAVariantWhatBeginsFromIt) {
  const Scratch scratch;
  const Grid grid = grid_of(scratch, of_paper);
  EXPECT_EQ(grid.variants[0].name, "gru4rec");  // though they are defined last
  EXPECT_EQ(grid.variants[1].name, "sasrec");
  expect_refused("variants: [{name: a, items.from: 'run:b'}]\n", "no variant 'b' in the grid");
  expect_refused("variants: [{name: a, items.from: 'run:b'}, {name: b, items.from: 'run:a'}]\n", "in a circle");
  EXPECT_EQ(begins_from(grid_of(scratch, "variants: [{name: a, items.from: /some/folder}]\n").variants[0].config), "");
}

TEST(Grid, PairwiseHasEveryTwoValuesThatTheGridHasTogether) {
  const Scratch scratch;
  const Grid grid = grid_of(scratch, of_paper), fewer = pairwise(grid);
  const auto pairs = [](const Grid& of) {
    std::set<std::array<std::string, 2>> all;
    for (const auto& variant : of.variants) {
      for (size_t f = 0; f < variant.values.size(); ++f) {
        for (size_t g = f + 1; g < variant.values.size(); ++g) {
          all.insert({std::to_string(f) + variant.values[f], std::to_string(g) + variant.values[g]});
        }
      }
    }
    return all;
  };
  EXPECT_EQ(pairs(fewer), pairs(grid));
  EXPECT_LE(fewer.variants.size(), 13u);  // 9 is the least: three signals with three completions; and the two encoders
  EXPECT_EQ(fewer.variants[0].name, "gru4rec");
  EXPECT_EQ(names_of(pairwise(fewer)), names_of(fewer));
}

TEST(Grid, PairwiseLeavesAllOfAGridThatVariesOneThing) {
  const Scratch scratch;
  const Grid grid = grid_of(scratch, "over: {items.width: [16, 32, 64]}\nvariants: [{name: other}]\n");
  EXPECT_EQ(names_of(pairwise(grid)), names_of(grid));
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
  expect_refused("over: {signals: {ids: 3}}\n", "over.signals.ids: settings are wanted");
  expect_refused("over: {signals: {ids: {items.widht: 3, x: 4}}}\n", "section.key is wanted");
  expect_refused("except: [{a: b}]\n", "without 'over'");
  expect_refused("over: {items.width: [16, 32]}\nexcept: [{width: 16}]\n", "nothing is varied under 'width'");
  expect_refused("over: {items.width: [16, 32]}\nexcept: [{items.width: 17}]\n", "no value '17'; known: 16, 32");
  expect_refused("over: {items.width: [16, 32]}\nexcept: [{items.width: [16, 32]}]\n", "nothing of the grid is left");
  expect_refused("protocol: []\n", "one is wanted");
}

}  // namespace
}  // namespace segue
