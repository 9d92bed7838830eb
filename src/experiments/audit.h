#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evaluation/binomial.h"
#include "experiments/recorded_results.h"

namespace segue {

/// Where a figure lies with regard to the 95 % of guessing.
enum class Verdict { below, inside, above };

/// One recorded figure beside what guessing gives.
struct FigureAudit {
  std::string name, metric;  // "recall@10", "recall"
  int k = 0;
  double value = 0;
  double expected = 0, error = 0;  // of the mean over the cases by guessing, and its standard error
  double low = 0, high = 0;        // the central 95 %: of a recall exact, else by the normal distribution
  double p = 1;                    // two-sided; of a recall exact
  Verdict verdict = Verdict::inside;
  // Of recalls only.
  std::optional<Region> hits;  // the numbers of hits that would be printed so; one where the rounding is fine enough
  int64_t hit = 0;             // of them the one nearest to what is expected, so that nothing is overstated
  Region region;               // hits of the central 95 %
  double p_holm = 1;           // corrected over all recalls of all runs
};

/// What a run's figures show, and what would explain it.
struct Finding {
  std::string kind;  // duplicate, labels, fewer-candidates, popularity, chance, impossible, rounding
  std::string text;
};

struct RunAudit {
  RecordedRun run;
  int64_t cases = 0, candidates = 0;
  std::vector<FigureAudit> figures;                  // recalls by cut, then NDCG, then MRR
  std::optional<std::array<int64_t, 5>> first_ranks;  // cases at rank 1 … 5, where only one solution fits
  std::vector<Finding> findings;

  const FigureAudit* figure(const std::string& name) const;
};

/// The recall at one cut over all runs that have it.
struct Pooled {
  int k = 0;
  int64_t runs = 0, hits = 0, cases = 0;
  double expected = 0;  // hits
  double z = 0, p = 1;  // by the normal distribution, as if runs were independent
  double spread = 1;    // variance of the runs about the expectation over that of guessing
  std::string best;     // the run that guessing would have beaten least often
  int64_t best_hits = 0;
  double best_p = 1;    // that at least one of so many guessing runs is as good
};

/// A run against the baseline. Nothing is known of single cases, so the comparison is not paired.
struct Gain {
  std::string run, metric;
  double from = 0, to = 0;        // baseline, run
  int64_t from_hits = 0, to_hits = 0;
  double error = 0;               // standard error of the difference; of a rank metric that of two guessing runs, 0 where they don't guess
  double p = 1, p_holm = 1;       // of recalls, by Fisher's exact test; corrected over all recalls of all gains
};

struct Audit {
  std::vector<RunAudit> runs;
  int64_t tests = 0;          // recalls, the family of Holm's correction
  double level = 0.05;        // Bonferroni's over the runs
  int64_t surprising = 0;     // runs of which some recall has p < .05
  int64_t left_by_holm = 0, left_by_runs = 0;  // runs of which some recall passes Holm; has p below `level`
  double smallest_p = 1;
  std::string smallest_run, smallest_figure;
  std::vector<Pooled> pooled;
  std::string baseline;
  std::vector<Gain> gains;
};

struct AuditRequest {
  int64_t cases = 0, candidates = 0;  // where the files don't say; 0: unknown
  std::string baseline;               // a run's name; empty: the first
};

/// Judges recorded runs by what guessing gives. Throws Error where cases or candidates of a run are unknown or
/// contradict the request, or no run is called as the baseline.
Audit audit(std::vector<RecordedRun> runs, const AuditRequest& request);

/// What guessing gives a metric at a cut: its mean over uniform ranks, and the variance of one case.
struct Guess {
  double mean = 0, variance = 0;
};
Guess guess(const std::string& metric, int k, int64_t candidates);

}  // namespace segue
