#pragma once

#include "ranking/ranker.h"

namespace segue {

/// What stood near the last plays when the listener heard them before: for each of his last `reach` plays, `back` plays
/// ago, and the latest earlier places of its track, the track `ahead` plays after such a place scores
/// fade^(back - 1) · slip^|ahead - back| / sqrt(its distance from now). Sequential rules (Ludewig & Jannach, 2018,
/// arXiv:1803.09587) from several plays at once, of his own past only, that prefer to go on at the same pace. A small
/// slip finds the album in which he skipped a track, a large one the playlist that is shuffled.
class Echo : public Ranker {
 public:
  struct Options {
    int64_t reach = 4;     // plays looked back, and ahead
    double fade = 0.5;     // what a query play counts less than the one after it
    double slip = 0.5;     // what each play off the pace counts less
    int64_t places = 200;  // latest earlier places of a track
    bool before = false;   // what stood before those places counts as well
  };
  Echo(const Lesson& lesson, Options options) : tracks_(lesson.log.tracks), options_(options) {}
  explicit Echo(const Lesson& lesson) : Echo(lesson, Options{}) {}
  std::unique_ptr<Scorer> read(int32_t who) const override;

 private:
  int64_t tracks_;
  Options options_;
};

}  // namespace segue
