#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/table.h"
#include "evaluation/questions.h"

namespace segue {

/// ranks.parquet: a row per ranker and case, ranker by ranker. Where many tracks are right, each measure of the case's list
/// stands beside the place of the first right one, in a column of its name.
class RankFile {
 public:
  explicit RankFile(const Path& path) : writer_(path) {}
  void add(const std::string& ranker, const Questions& questions, const Answers& answers);
  void close() { writer_.close(); }

 private:
  TableWriter writer_;
};

/// Reads it back: each ranker's places among the catalogue, or among everything. Throws Error where it is damaged, or is an
/// answer to other questions.
std::vector<RankerPlaces> read_ranks(const Path& path, const Questions& questions, bool everything);

}  // namespace segue
