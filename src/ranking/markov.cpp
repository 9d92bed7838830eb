#include "ranking/markov.h"

#include "ranking/past.h"

namespace segue {
namespace {

class MarkovScorer : public Scorer {
 public:
  MarkovScorer(const Lists<Markov::Step>& others, int32_t who, int64_t tracks)
      : others_(others), who_(who), past_(tracks) {}

  void hear(const Heard& play) override { past_.hear(play); }

  void score(int64_t, Scores& out) override {
    const int64_t last = past_.size() - 1;
    if (last < 0 || past_.track(last) == unknown_track) return;
    for (int64_t p = past_.same_before(last); p >= 0; p = past_.same_before(p)) {
      if (!past_.opens(p + 1) && past_.track(p + 1) != unknown_track) out.add(past_.track(p + 1), 1);
    }
    for (const auto& step : others_[past_.track(last)]) {
      if (step.who != who_) out.add(step.next, 1);  // his own steps come from hearing him
    }
  }

 private:
  const Lists<Markov::Step>& others_;
  int32_t who_;
  Past past_;
};

}  // namespace

Markov::Markov(const Lesson& lesson) {
  const auto& log = lesson.log;
  steps_ = Lists<Step>::of(log.tracks, [&](const auto& add) {
    for_each_listener(log, [&](int32_t who, int64_t begin, int64_t end) {
      for (int64_t i = begin + 1; i < end; ++i) {
        const auto p = static_cast<size_t>(i);
        if (log.opens[p] == 0 && lesson.learns_from(i - 1) && lesson.learns_from(i)) {
          add(log.track[p - 1], Step{log.track[p], who});
        }
      }
    });
  });
}

std::unique_ptr<Scorer> Markov::read(int32_t who) const {
  return std::make_unique<MarkovScorer>(steps_, who, static_cast<int64_t>(steps_.first.size()) - 1);
}

}  // namespace segue
