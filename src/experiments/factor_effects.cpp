#include "experiments/factor_effects.h"

#include <cmath>
#include <stdexcept>

namespace segue {
namespace {

using Matrix = std::vector<std::vector<double>>;

/// A column of the design: cells that have a value. The first column, of no factor, is 1 everywhere.
struct Column {
  size_t factor = 0, value = 0;
};

Matrix design_of(const std::vector<Factor>& factors, const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& cells) {
  Matrix design(cells.size(), std::vector<double>(columns.size()));
  for (size_t c = 0; c < cells.size(); ++c) {
    if (cells[c].size() != factors.size()) throw std::invalid_argument("factor_effects: a cell wants one value of every factor");
    design[c][0] = 1;
    for (size_t k = 1; k < columns.size(); ++k) design[c][k] = cells[c][columns[k].factor] == factors[columns[k].factor].values[columns[k].value];
  }
  return design;
}

/// Turns [XᵀX | 1] into [1 | inverse] (Gauss and Jordan). Returns which columns others can't be told from: those that are a sum of
/// columns before them, and these; what was not inverted stays out of the inverse. XᵀX counts cells, so that nought comes out near 0.
std::vector<bool> invert(Matrix& rows) {
  const size_t n = rows.size();
  std::vector<bool> confounded(n);
  for (size_t k = 0; k < n; ++k) {
    if (std::abs(rows[k][k]) < 1e-9) {
      confounded[k] = true;
      for (size_t j = 0; j < k; ++j) confounded[j] = confounded[j] || std::abs(rows[j][k]) > 1e-9;
      continue;
    }
    const double pivot = rows[k][k];
    for (double& value : rows[k]) value /= pivot;
    for (size_t i = 0; i < n; ++i) {
      const double times = rows[i][k];
      if (i == k || times == 0) continue;
      for (size_t j = 0; j < 2 * n; ++j) rows[i][j] -= times * rows[k][j];
    }
  }
  return confounded;
}

}  // namespace

std::vector<FactorEffect> factor_effects(const std::vector<Factor>& factors, const std::vector<std::vector<std::string>>& cells) {
  std::vector<Column> columns(1);
  for (size_t f = 0; f < factors.size(); ++f) {
    for (size_t v = 1; v < factors[f].values.size(); ++v) columns.push_back({f, v});
  }
  const Matrix design = design_of(factors, columns, cells);
  const size_t n = columns.size();
  Matrix rows(n, std::vector<double>(2 * n));
  for (size_t i = 0; i < n; ++i) {
    rows[i][n + i] = 1;
    for (const auto& cell : design) {
      for (size_t j = 0; j < n; ++j) rows[i][j] += cell[i] * cell[j];
    }
  }
  const auto confounded = invert(rows);
  std::vector<FactorEffect> effects;
  for (size_t k = 1; k < n; ++k) {
    if (confounded[k]) continue;
    const Factor& factor = factors[columns[k].factor];
    FactorEffect effect{factor.name, factor.values[columns[k].value], factor.values.front(), {}};
    for (const auto& cell : design) {
      double weight = 0;
      for (size_t j = 0; j < n; ++j) weight += rows[k][n + j] * cell[j];
      effect.weights.push_back(weight);
    }
    effects.push_back(std::move(effect));
  }
  return effects;
}

}  // namespace segue
