#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "evaluation/results.h"

namespace segue {

/// The document of `evaluate --json`:
/// {protocol, chance: {"ndcg@10": x}, chance_interval: {"ndcg@10": {low, high}},
///  rankers: [{name, metrics: {"ndcg@10": {mean, low, high}}, slices: {repeat: {cases, listeners, metrics}}, lists,
///             rank_histogram, inside_chance, note, mixed, seconds}],
///  rank_bins, pairs: [{a, b, metric, difference, low, high, p, p_holm}]}
nlohmann::ordered_json evaluation_json(const Evaluation& evaluation);

/// {"ndcg@10": {mean, low, high}, …}
nlohmann::ordered_json to_json(const Metrics& metrics);

/// Reads it back. Throws Error with `where`, the file's name, if it is not such a document.
Evaluation evaluation_from_json(std::string_view text, const std::string& where);

}  // namespace segue
