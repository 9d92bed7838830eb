#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "experiments/comparison.h"

namespace segue {

/// The document of evaluate() with more of each thing: rankers have `variant` and `by_seed`; `pairs` have family, by_seed,
/// same_sign, claimed, why_not; and beside them seeds, settings of the variants, claims, failed.
nlohmann::ordered_json comparison_json(const Comparison& comparison);

/// For the screen: the protocol, the table of rankers, the tables of differences, what may be claimed, what failed.
std::string comparison_text(const Comparison& comparison);
std::string comparison_markdown(const Comparison& comparison);

/// A table of differences.
std::vector<std::string> family_headings();
std::vector<std::vector<std::string>> family_rows(const Family& family);
/// What its table is called.
std::string family_title(const Family& family);

/// What one seed of everything took.
std::vector<std::string> cost_headings();
std::vector<std::vector<std::string>> cost_rows(const Comparison& comparison);

/// What others recorded is marked so.
inline constexpr const char* recorded_title = "Recorded by others, under their own protocol: not to be compared with the rows above; + and − lie outside the 95 % of guessing";

/// What must be said beside the table: conclusions, settings, failures.
std::vector<std::string> remarks_of(const Comparison& comparison);

}  // namespace segue
