#include "annotation/genes.h"

#include <gtest/gtest.h>

#include <sstream>

#include "annotation/consistency.h"
#include "simulation/genes.h"
#include "support/oracles.h"

namespace segue {
namespace {

TEST(GeneSchema, AreThoseOfTheSimulatedWorld) {
  ASSERT_EQ(std::ssize(genes()), gene_count);
  for (size_t i = 0; i < genes().size(); ++i) EXPECT_EQ(genes()[i].key, simulation::gene_names()[i]);
}

TEST(GeneSchema, AreFoundHoweverTheyAreSpelt) {
  EXPECT_EQ(find_gene("Minor / Major Key Tonality"), 7);
  EXPECT_EQ(find_gene("minor_major_key_tonality"), 7);
  EXPECT_EQ(find_gene("happy joyful LYRICS"), 37);
  EXPECT_EQ(find_gene("happiness"), -1);
  EXPECT_EQ(find_gene(""), -1);
}

TEST(GeneSchema, CategoriesFollowEachOther) {
  int64_t begin = 0;
  for (const auto& category : gene_categories()) {
    EXPECT_EQ(category.begin, begin) << category.key;
    for (int64_t i = category.begin; i < category.end; ++i) EXPECT_EQ(genes()[static_cast<size_t>(i)].category, category.key);
    begin = category.end;
  }
  EXPECT_EQ(begin, gene_count);
  EXPECT_EQ(gene_categories().size(), 7u);
}

TEST(GeneSchema, AreDescribedInThePages) {
  const std::string page = read_file(Path(SEGUE_SOURCE_DIR) / "docs" / "genes.md");
  for (const auto& tables : {genes_markdown(), rules_markdown()}) EXPECT_NE(page.find(tables), std::string::npos) << "docs/genes.md lacks:\n" << tables;
}

}  // namespace
}  // namespace segue
