#pragma once

#include <functional>
#include <string>
#include <vector>

#include "annotation/values.h"

namespace segue {

/// What can't be true together of one track. Which side is wrong nobody knows, so both are left out.
struct GeneRule {
  std::string name;  // "one_metre"
  std::string says;  // a sentence for people
  /// The genes that contradict, ascending; none where all is well or not known. instrumental: it is known from elsewhere that
  /// nobody sings.
  std::function<std::vector<int64_t>(const GeneValues& values, bool instrumental)> contradicting;
};

const std::vector<GeneRule>& gene_rules();

struct Inconsistency {
  int64_t rule = 0;            // place in gene_rules()
  std::vector<int64_t> genes;  // that are to be left out
};

/// All that a track's genes contradict, by rule. A gene may be in several.
std::vector<Inconsistency> inconsistencies(const GeneValues& values, bool instrumental);

/// A line for each rule, for docs/genes.md.
std::string rules_markdown();

}  // namespace segue
