#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "annotation/question.h"

namespace segue {

/// What became of one value that was asked for.
enum class Said : uint8_t {
  none,     // not asked, or not there, or not as the schema has it
  unknown,  // the model does not know
  value,
};

/// What an answer says of one track.
struct TrackAnswer {
  std::array<Said, gene_count> reply{};
  GeneValues values{};
  std::array<int8_t, 7> confidence{-1, -1, -1, -1, -1, -1, -1};  // by category: place of confidences(); -1: not there

  /// Everything that this question asks for is there.
  bool whole(const Question& question) const;
  int64_t count(Said what) const;
  /// Adds what this lacks and the other has.
  void add(const TrackAnswer& other);
};

struct ReadAnswer {
  std::vector<TrackAnswer> tracks;    // [tracks of the question]
  std::vector<std::string> problems;  // in words, for the model that is to mend them; empty: nothing is wrong
};

/// Takes what is as the schema has it out of an answer, which may have other words around it, break off, or be anything: of
/// an entry with another track's id nothing, of a category that is no object nothing, and of the values those that are
/// one of 0, 0.5, …, 5 or "unknown". A key that stands twice in an object has no value.
ReadAnswer read_answer(std::string_view text, const Question& question, const std::vector<std::string>& ids);

/// A track's answer as the ledger keeps it, and back. Throws Error where the text is not one of these.
std::string write_track_answer(const TrackAnswer& answer);
TrackAnswer read_track_answer(std::string_view text);

}  // namespace segue
