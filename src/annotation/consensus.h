#pragma once

#include <array>
#include <span>

#include "annotation/values.h"

namespace segue {

/// How several answers about a gene of one track stand to each other.
enum class Consent : uint8_t {
  agreed,     // at most `apart` from each other
  disagreed,  // further
  seldom,     // fewer than half of the passes know it
  unknown,    // none does
};

struct Consensus {
  GeneValues values;  // the mean of those that know it where agreed; nothing elsewhere
  std::array<Consent, gene_count> standing{};
};

/// One answer from several passes over a track. apart: on the scale of 0 … 5.
/// Throws std::invalid_argument without passes, or where a value is no number.
Consensus consensus_of(std::span<const GeneValues> passes, double apart = 1.0);

}  // namespace segue
