#include "simulation/genes.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "simulation/tables.h"
#include "tiny_world.h"

namespace segue::simulation {
namespace {

TEST(Genes, AreFiftyEightDistinctNames) {
  EXPECT_EQ(gene_names().size(), 58u);
  EXPECT_EQ(std::set(gene_names().begin(), gene_names().end()).size(), 58u);
  EXPECT_EQ(gene_names()[7], "minor_major_key_tonality");
  EXPECT_EQ(gene_names()[37], "happy_joyful_lyrics");
}

TEST(Genes, LieOnTheGridOfTwentiethsOrAreMissing) {
  std::istringstream table(genes_table(simulate(tiny())));
  std::string line;
  std::getline(table, line);
  EXPECT_TRUE(line.starts_with("track_key\tvocal_register\t"));
  int64_t known = 0, missing = 0;
  while (std::getline(table, line)) {
    EXPECT_EQ(std::count(line.begin(), line.end(), '\t'), 58);
    std::istringstream cells(line.substr(line.find('\t') + 1) + "\t");
    for (std::string cell; std::getline(cells, cell, '\t');) {
      ++(cell.empty() ? missing : known);
      if (cell.empty()) continue;
      ASSERT_EQ(cell.size(), 4u) << cell;
      const int hundredths = (cell[0] - '0') * 100 + std::stoi(cell.substr(2));
      EXPECT_EQ(hundredths % 5, 0);
      EXPECT_LE(hundredths, 100);
    }
  }
  EXPECT_NEAR(1.0 * missing / (known + missing), 0.37, 0.1);
}

TEST(Genes, AreAlikeWhereTheTracksAre) {
  const World& world = whole_world().world;
  double same = 0, other = 0;
  int64_t pairs = 0;
  for (int32_t i = 0; i < 300; ++i) {
    const auto a = genes_of(world.tracks[i], random_of(1, Stream::genes, i));
    const auto b = genes_of(world.tracks[i + 1], random_of(1, Stream::genes, i + 1));      // mostly the same artist
    const auto c = genes_of(world.tracks[i + 1500], random_of(1, Stream::genes, i + 1500));
    for (int gene = 0; gene < genes; ++gene) {
      if (!a[gene] || !b[gene] || !c[gene]) continue;
      same += std::abs(*a[gene] - *b[gene]);
      other += std::abs(*a[gene] - *c[gene]);
      ++pairs;
    }
  }
  EXPECT_GT(pairs, 1000);
  EXPECT_LT(same, 0.8 * other);
}

}  // namespace
}  // namespace segue::simulation
