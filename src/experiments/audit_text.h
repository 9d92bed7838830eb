#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "experiments/audit.h"
#include "experiments/recorded_split.h"

namespace segue {

/// {summary: {runs, recalls, …}, runs: [{name, cases, candidates, figures, first_ranks, findings, notes}],
///  pooled, baseline, gains, split}
nlohmann::ordered_json audit_json(const Audit& audit, const std::optional<Split>& split);

/// For the screen: a row per run, what the runs show together, what would explain it, gains over the baseline, the split.
/// metric: the recall of which gains are shown, "recall@5"; empty: recall@10, or the first that there is.
/// Throws Error where no run but the baseline has that metric.
std::string audit_text(const Audit& audit, const std::optional<Split>& split, const std::string& metric);
std::string split_text(const Split& split);

/// A row per run, and one of guessing where that gives all the same.
std::vector<std::string> recorded_headings(const Audit& audit);
std::vector<std::vector<std::string>> recorded_rows(const Audit& audit);

/// The sentences that the figures allow, most important first.
std::vector<std::string> audit_statement(const Audit& audit);

/// What the counters of a split say of a run that lies above guessing.
std::vector<std::string> beside_counters(const Audit& audit, const Split& split);

}  // namespace segue
