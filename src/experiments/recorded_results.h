#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.h"
#include "experiments/recorded_figures.h"

namespace segue {

/// The figures that somebody recorded of one run.
struct RecordedRun {
  std::string name;
  std::map<std::string, Figure> figures;  // "recall@10"; a hit rate stands as recall
  int64_t cases = 0, candidates = 0;      // 0: the file does not say
  bool guessed = false;                   // cases and candidates follow from other figures of a log: an option overrules them
  std::vector<std::string> notes;         // what was understood and should be known
};

/// Reads a file of results: a table with a row per run (CSV, TSV, Markdown), a log of RecBole, JSON, or the listing that
/// E4SRec writes. The layout is known by the content. percent: figures are of 100.
/// Throws Error where the file can't be read or is empty, no metric is known in it, a figure is no share of 1, or hit
/// rate and recall differ, as they do where several tracks are right.
std::vector<RecordedRun> read_recorded(const Path& file, bool percent);

/// What a file says before its figures are compared with each other. `name`: of a run that has none.
struct RecordedText {
  std::string_view text;
  std::string where, name;  // the file; what its run is called
  bool percent = false;
};
std::vector<RecordedRun> runs_of_json(const RecordedText& from);
std::vector<RecordedRun> runs_of_log(const RecordedText& from);
/// Empty where no line is a heading of metrics.
std::vector<RecordedRun> runs_of_table(const RecordedText& from);
std::vector<RecordedRun> runs_of_listing(const RecordedText& from);

}  // namespace segue
