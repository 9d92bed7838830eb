#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/registry.h"
#include "ranking/scores.h"
#include "sessions/log.h"

namespace segue {

/// One play as a scorer hears it.
struct Heard {
  int32_t track = 0;  // any number that the log does not have stands for a track it does not know
  int64_t start_ms = 0, moment_ms = 0;
  bool opens = false;  // a session
};

/// Follows one listener from left to right and answers after every play: what comes next?
class Scorer {
 public:
  virtual ~Scorer() = default;
  virtual void hear(const Heard& play) = 0;
  /// Adds the scores of the next play, asked at `now_ms`, to `out`, which is clear. Tracks not touched score 0.
  virtual void score(int64_t now_ms, Scores& out) = 0;
};

/// What a ranker may learn from: the plays of the log in parts before `until`, of everyone.
struct Lesson {
  const Log& log;
  Part until = Part::val;
  uint64_t seed = 1;
  bool learns_from(int64_t play) const { return log.part[static_cast<size_t>(play)] < until; }
};

/// Something that has a say in a score.
struct RankerPart {
  enum class Kind { counter, model, signal, id } kind;
  std::string name;  // of a counter or a signal
  bool operator==(const RankerPart&) const = default;
};

/// A ranker without gradient: fitted when it is made, then read by listener.
class Ranker {
 public:
  virtual ~Ranker() = default;
  /// A scorer that has heard nothing yet of listener number `who` of the log (-1: a stranger). Scorers of several
  /// listeners may run in parallel; the ranker and the log must outlive them.
  virtual std::unique_ptr<Scorer> read(int32_t who) const = 0;
  /// As read(), to hear other plays of `who` than the log has: those it has of listener `as`, as whom questions were announced.
  virtual std::unique_ptr<Scorer> read_as(int32_t who, [[maybe_unused]] int32_t as) const { return read(who); }

  /// False if the scores depend on the time of the question and on nothing the listener did: one scorer then serves
  /// all questions, asked in the order of their time.
  virtual bool personal() const { return true; }
  /// False if no play of the listener speaks for a track or against it.
  virtual bool goes_by_plays() const { return personal(); }
  /// What its scores are made of and could do without; empty where that can't be told apart.
  virtual std::vector<RankerPart> parts() const { return {}; }
  /// As read(), with one of its parts saying nothing. Throws std::logic_error on a part that it does not have.
  virtual std::unique_ptr<Scorer> read_without(int32_t who, const RankerPart& part) const;
  /// What was learned, in a few words; empty where nothing was.
  virtual std::string note() const { return {}; }
};

using MakeRanker = std::unique_ptr<Ranker> (*)(const Lesson&);
const Registry<MakeRanker>& rankers();

}  // namespace segue
