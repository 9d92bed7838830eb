#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "evaluation/results.h"

namespace segue {

/// Yes-or-no questions, and a number for each that is to be larger where the answer is yes.
struct Judged {
  std::span<const double> said;
  std::span<const uint8_t> yes;       // the answers
  std::span<const int32_t> listener;  // whose they are
};

/// The area under the ROC curve: how often a question with yes has a larger number than one with no, where ties count half;
/// .5 is chance. With the middle 95 % of so many draws of the listeners with replacement, of the questions where there is
/// one listener only. Nothing where all answers are the same. Depends on the seed, not on the number of threads.
std::optional<Estimate> auc(const Judged& judged, int64_t draws, uint64_t seed);

}  // namespace segue
