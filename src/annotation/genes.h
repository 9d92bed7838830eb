#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace segue {

/// One musical attribute of a track, a scale from 0 to 5 in halves: an attribute of MGPHot (Oramas et al., 2025,
/// doi 10.5334/tismir.236). The names and their order are that data set's; what the ends of a scale mean is in our words.
struct Gene {
  std::string key;       // "vocal_register": in answers, tables and the store
  std::string name;      // "Vocal Register", as the data set spells it
  std::string category;  // key of a GeneCategory
  std::string low, high; // what 0 and 5 mean
};

struct GeneCategory {
  std::string key, name;
  std::string about;     // what is looked at
  int64_t begin, end;    // its genes
};

constexpr int64_t gene_count = 58;
constexpr double gene_most = 5;   // values are 0, 0.5, …, 5; divided by it in the store

/// All of them, in the order of the vectors.
const std::vector<Gene>& genes();
/// The seven categories, in the order of their genes.
const std::vector<GeneCategory>& gene_categories();

/// Where a gene stands, by its key or name; case, blanks and punctuation don't count. -1 where there is none.
int64_t find_gene(std::string_view name);

/// How sure a model says that it is of a category, surest last.
const std::vector<std::string>& confidences();

/// The tables of docs/genes.md.
std::string genes_markdown();

}  // namespace segue
