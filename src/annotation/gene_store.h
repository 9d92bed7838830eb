#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "annotation/answer.h"
#include "core/claims.h"
#include "signals/signal.h"

namespace segue {

/// Where a value of the store is from, or why there is none.
enum class Standing : uint8_t {
  not_asked = 0,
  answered = 1,      // a model said so
  agreed = 2,        // it said so in several passes
  table = 3,         // others annotated it
  unknown = 4,       // the model does not know
  refused = 5,       // what came was not as the schema has it
  unsure = 6,        // the model is less sure of its category than is asked for
  disagreed = 7,     // its passes are too far apart
  inconsistent = 8,  // it contradicts other values of the track
  unusable = 9,      // the gene is no better than always the median, by experts' values
};
constexpr size_t standings = 10;
const char* word_of(Standing standing);
/// The value is in the vector.
inline bool is_known(Standing standing) { return standing >= Standing::answered && standing <= Standing::table; }

/// What is known of a track.
struct GeneRow {
  int32_t track = 0;
  GeneValues said{};    // before anything was left out or calibrated
  GeneValues values{};  // what the vector has
  std::array<Standing, gene_count> standing{};
  std::array<int8_t, 7> confidence{-1, -1, -1, -1, -1, -1, -1};  // by category: the lowest of the passes
};

/// Waits until no other process makes this signal. Who holds it while reading the ledger and saving saves what all were told.
std::unique_ptr<Claim> alone_with(const Path& data, const std::string& name);

/// The signal of such rows, made anew as a whole: DATA/signals/NAME with
///
///  * signal.json and vectors.safetensors as every signal: vectors [n, 58] in 0 … 1 and their mask, of tracks that have a value;
///  * genes.safetensors: track int32 [m]; said float [m, 58] in 0 … 5, NaN where nothing was said; standing uint8 [m, 58];
///    confidence int8 [m, 7]; in its metadata what the numbers of `standing` mean;
///  * trust.json: `trust`.
///
/// rows: by track, ascending. Throws Error where the disk is full; what was there then stays.
void save_genes(const Path& data, const SignalAbout& about, const std::vector<GeneRow>& rows, const nlohmann::ordered_json& trust);

struct StoredGenes {
  SignalAbout about;
  std::vector<GeneRow> rows;
  const GeneRow* find(int32_t track) const;
};
/// Throws Error: no such signal, or not one of genes.
StoredGenes load_genes(const Path& data, const std::string& name);
nlohmann::ordered_json load_trust(const Path& data, const std::string& name);

}  // namespace segue
