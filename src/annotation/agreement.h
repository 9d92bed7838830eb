#pragma once

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "annotation/calibration.h"
#include "annotation/values.h"

namespace segue {

enum class Verdict {
  not_judged,  // too few tracks, or experts who say the same of all
  usable,      // calibrated it is nearer to the experts than the constant, beyond chance
  unusable,
};
std::string in_words(Verdict verdict);

/// How one gene's predictions stand to the experts' values. All on the scale 0 … 1.
struct GeneAgreement {
  /// Both halves of all splits together, each with what was fitted on the other.
  struct Judged {
    double constant = 0;         // mean absolute error of always the experts' median
    double calibrated = 0;       // of the calibrated predictions
    double low = 0, high = 0;    // 95 % interval of calibrated - constant, bootstrap over groups
    double calibrated_bias = 0;  // as bias, of the calibrated predictions
  };
  int64_t tracks = 0;            // of which both are known
  double error = 0;              // mean absolute error of the predictions as they came; 0 without tracks
  double bias = 0;               // mean of predicted - expert
  std::optional<double> rank;    // Spearman's correlation, average ranks for ties; nothing where one side is constant
  std::optional<Judged> judged;
  Verdict verdict = Verdict::not_judged;
  std::string why;               // not judged: "12 tracks; 20 are wanted"
  Calibration calibration;       // of a usable gene, fitted on all tracks
};

struct AgreementOptions {
  uint64_t seed = 1;           // of the halves and of the bootstrap
  int64_t splits = 20;         // how often the groups are halved: one split alone may flatter what knows nothing
  int64_t draws = 1000;        // of the bootstrap
  int64_t fewest = 20;         // tracks of which both are known
  int64_t fewest_groups = 10;  // that those tracks are of: an interval over fewer means nothing
};

struct Agreement {
  int64_t tracks = 0;            // given
  int64_t groups = 0;
  AgreementOptions options;
  std::array<GeneAgreement, gene_count> genes;
  int64_t count(Verdict verdict) const;
};

/// predicted, expert  [n] values of the same tracks
/// group              [n] what makes tracks alike, such as their artist: never on both sides of the halves
/// Throws std::invalid_argument where they are not as many, or a value is no number.
Agreement agreement_of(const std::vector<GeneValues>& predicted, const std::vector<GeneValues>& expert, const std::vector<int64_t>& group,
                       const AgreementOptions& options = {});

/// What is left of predictions: usable genes calibrated, unusable ones gone, those that were not judged as they came.
GeneValues trusted(const GeneValues& predicted, const Agreement& agreement);

nlohmann::ordered_json to_json(const Agreement& agreement);
/// What to_json() wrote. Throws Error.
Agreement agreement_from(const nlohmann::json& json);
std::string text_of(const Agreement& agreement);

}  // namespace segue
