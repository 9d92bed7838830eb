#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "annotation/values.h"
#include "core/files.h"

namespace segue {

/// What the greatest value of a table of genes is.
enum class GeneScale {
  by_values,  // five where a value is above 1, else one; values above 5 say nothing
  five,
  one,
};

struct TrackGenes {
  int32_t track = 0;
  GeneValues genes;  // 0 … 5, whatever the table's scale
};

struct GeneTableReport {
  int64_t rows = 0;
  int64_t tied = 0;        // rows that are of a track of the data folder
  int64_t tracks = 0;      // with a value now
  int64_t repeated = 0;    // rows of a track that had values already: the first counts
  int64_t empty = 0;       // tied rows without any value
  int64_t misshapen = 0;   // rows whose gene_values are not 58: nothing is taken of them
  // Of the tracks and the genes that have a column:
  int64_t values = 0;      // taken
  int64_t missing = 0;     // not taken; among them
  int64_t outside = 0;     //   those outside the scale,
  int64_t unreadable = 0;  //   and those that are no number
  GeneScale scale = GeneScale::five;
  bool scale_was_given = false;
  int64_t on_scales = 0;             // values of the whole table from 0 to 5,
  int64_t above_one = 0;             // and those of them above 1
  std::vector<int64_t> genes;        // that have a column, ascending
  std::vector<std::string> ignored;  // columns that are neither a gene nor name the track
  uint64_t content = 0;              // a hash of the table's numbers
};

nlohmann::ordered_json to_json(const GeneTableReport& report);
std::string text_of(const GeneTableReport& report);

struct GeneTable {
  std::vector<TrackGenes> tracks;  // ascending
  GeneTableReport report;
};

/// Genes that others gave to tracks of a data folder: a table (TSV, CSV, plain or gzip; Parquet) with columns `artist` and `title`
/// (or `track`), or `id`, and
///
///  * columns named by a gene's key or name, in any spelling; or
///  * a column `gene_values` of 58 numbers in the order of the genes: a list in Parquet, or a text such as "[0.1, 0.2, …]". Columns
///    named by genes don't count beside it.
///
/// A value that is empty, NaN, no number or outside the scale is missing. No track is added to the data folder. Throws Error: no such
/// file, no column that names the track, none that is a gene or two for one, no row of a track here, no value at all.
GeneTable read_gene_table(const Path& data, const Path& file, GeneScale scale = GeneScale::by_values);

}  // namespace segue
