#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "annotation/annotate.h"
#include "annotation/gene_table.h"

namespace segue {

/// What of the answers becomes part of the vectors.
struct TrustOptions {
  std::string least_confidence = "low";  // one of confidences(): of a category of which a model is less sure nothing is taken
  double apart = 1;                      // how far several passes may be from each other, of 5
  Path experts;                          // a table of experts' values by which the genes are judged; empty: none
  GeneScale scale = GeneScale::by_values;  // of that table
  bool keep_unusable = false;            // takes genes, too, that are no better than always the median
  uint64_t seed = 1;                     // of the halves and the intervals
};

/// How much is known, gene by gene.
struct GeneSignalReport {
  SignalAbout about;
  int64_t tracks = 0;       // of the data folder
  int64_t answered = 0;     // of which something was asked
  int64_t with_vector = 0;
  std::array<std::array<int64_t, standings>, gene_count> standing{};  // values by gene and standing
  nlohmann::ordered_json trust;  // as trust.json has it

  int64_t count(Standing what) const;
};

/// Makes the signal anew from what the ledger holds for `asked`: passes brought together, what a model is unsure of, contradicts or
/// was found unusable left out, usable genes calibrated. Throws Error where a signal of that name was made by another model or
/// from another evidence.
GeneSignalReport make_gene_signal(const Path& data, const std::string& name, const AskedOf& asked, const TrustOptions& trust);

/// Throws Error as make_gene_signal would, before anything is asked.
void check_gene_signal(const Path& data, const std::string& name, const AskedOf& asked);

/// Makes the signal anew from annotations that others made.
GeneSignalReport make_gene_signal(const Path& data, const std::string& name, const GeneTable& table, const Path& file);

/// Of a signal that is there.
GeneSignalReport report_of(const StoredGenes& stored, int64_t tracks, nlohmann::ordered_json trust);

nlohmann::ordered_json to_json(const GeneSignalReport& report);
std::string text_of(const GeneSignalReport& report);

}  // namespace segue
