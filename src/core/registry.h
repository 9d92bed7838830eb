#pragma once

#include <fmt/ranges.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"

namespace segue {

/// Named rows of one kind: the names are what configurations, tests and benchmarks use.
template <class Row>
class Registry {
 public:
  Registry(std::string kind, std::vector<std::pair<std::string, Row>> rows)
      : kind_(std::move(kind)), rows_(std::move(rows)) {}

  /// Throws Error with the known names if there is no such row.
  const Row& at(std::string_view name) const {
    for (const auto& [known, row] : rows_) {
      if (known == name) return row;
    }
    throw Error("no {} '{}'; known: {}", kind_, name, fmt::join(names(), ", "));
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [name, row] : rows_) names.push_back(name);
    return names;
  }

  auto begin() const { return rows_.begin(); }
  auto end() const { return rows_.end(); }

 private:
  std::string kind_;
  std::vector<std::pair<std::string, Row>> rows_;
};

}  // namespace segue
