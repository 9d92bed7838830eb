#pragma once

#include <string>
#include <vector>

namespace segue {

/// What a grid varies.
struct Factor {
  std::string name;
  std::vector<std::string> values;  // the first is what the others are compared with
};

/// How much better a value of a factor does than its first one, all other factors being equal: a weighted sum over cells.
struct FactorEffect {
  std::string factor, value, first;
  std::vector<double> weights;  // [cells]; of a cell's figure
};

/// Main effects by least squares over the cells that there are, without interactions. Of a full grid that is the mean over pairs of
/// cells that differ in nothing else; of a part of one, such as pairwise() makes, the best that can be said.
/// cells: the value of every factor. Effects that these cells can't tell from others are left out.
std::vector<FactorEffect> factor_effects(const std::vector<Factor>& factors, const std::vector<std::vector<std::string>>& cells);

}  // namespace segue
