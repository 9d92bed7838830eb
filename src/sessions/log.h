#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace segue {

/// Parts of a log in time. Train is fit and gate: backbones learn on fit, what mixes them with the counters on gate.
enum class Part : uint8_t { fit = 0, gate = 1, val = 2, test = 3 };

/// How the completion of a play is known.
enum class CompletionKind : uint8_t { unknown = 0, inferred = 1, real = 2 };

/// The plays that a protocol looks at. Play i belongs to the listener u with first[u] <= i < first[u + 1]; a listener's
/// plays stand in the order they were heard. Tracks are numbered 0 … tracks - 1.
struct Log {
  std::vector<std::string> listeners;  // [U] names, sorted by bytes
  std::vector<int64_t> first;          // [U + 1]
  int64_t tracks = 0;                  // N

  // One entry per play.
  std::vector<int32_t> track;
  std::vector<int64_t> start_ms;   // since 1970, UTC
  std::vector<int64_t> moment_ms;  // when it is placed in time: its end where the played time is known, else its start
  std::vector<uint8_t> opens;      // 1 if it opens a session
  std::vector<Part> part;
  std::vector<float> completion;  // 0 where unknown
  std::vector<CompletionKind> completion_kind;

  // One entry per track.
  std::vector<uint8_t> in_catalogue;  // enough train plays to be ranked in `catalogue`

  int64_t plays() const { return static_cast<int64_t>(track.size()); }
};

/// A question with a known answer: what does this listener play after his plays [known_from(), history_end)?
struct Case {
  int32_t listener = 0;
  int64_t target = 0;         // number of the play that followed
  int64_t history_end = 0;    // <= target; less where a protocol hides plays between
  int64_t history_begin = 0;  // plays before it are not known; less than the listener's first: all are
};

inline int64_t known_from(const Log& log, const Case& question) {
  return std::max(log.first[static_cast<size_t>(question.listener)], question.history_begin);
}

/// The moment a question is asked: when the target began, not before the play before it had ended (C3).
/// For the target at place i of the log with plays of the same listener before it.
inline int64_t asked_at(const Log& log, const Case& question) {
  const auto i = static_cast<size_t>(question.target);
  const bool has_before = question.target > log.first[static_cast<size_t>(question.listener)];
  return has_before ? std::max(log.start_ms[i], log.moment_ms[i - 1]) : log.start_ms[i];
}

/// A question without its answer: the plays [from, to) of one listener were heard, what comes at `when_ms`?
struct Asked {
  int32_t listener = 0;
  int64_t from = 0, to = 0;
  int64_t when_ms = 0;
  bool goes_on = true;  // play `to` of the log is what came next
};

inline Asked asked_of(const Log& log, const Case& question) {
  return {question.listener, known_from(log, question), question.history_end, asked_at(log, question), question.target == question.history_end};
}

}  // namespace segue
