#pragma once

#include "ranking/ranker.h"

namespace segue {

/// How often the listener played the track.
class Personal : public Ranker {
 public:
  explicit Personal(const Lesson& lesson) : tracks_(lesson.log.tracks) {}
  std::unique_ptr<Scorer> read(int32_t who) const override;

 private:
  int64_t tracks_;
};

/// How often the track is among the listener's last plays.
class PersonalLatest : public Ranker {
 public:
  struct Options {
    int64_t plays = 50;
  };
  PersonalLatest(const Lesson& lesson, Options options) : tracks_(lesson.log.tracks), options_(options) {}
  explicit PersonalLatest(const Lesson& lesson) : PersonalLatest(lesson, Options{}) {}
  std::unique_ptr<Scorer> read(int32_t who) const override;

 private:
  int64_t tracks_;
  Options options_;
};

/// Sum over the listener's plays of the track of (age + 1)^-1/2, the age in hours: how strongly memory holds it, as the
/// base-level activation of ACT-R (Anderson & Schooler, 1991), without its logarithm.
class RepeatHours : public Ranker {
 public:
  explicit RepeatHours(const Lesson& lesson) : tracks_(lesson.log.tracks) {}
  std::unique_ptr<Scorer> read(int32_t who) const override;

 private:
  int64_t tracks_;
};

/// The same by places instead of hours: sum of distance^-1/2, the last play being at distance 1.
class RepeatPlays : public Ranker {
 public:
  explicit RepeatPlays(const Lesson& lesson) : tracks_(lesson.log.tracks) {}
  std::unique_ptr<Scorer> read(int32_t who) const override;

 private:
  int64_t tracks_;
};

}  // namespace segue
