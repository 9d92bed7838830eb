#include "ranking/follow.h"

#include <cmath>

#include "ranking/past.h"

namespace segue {
namespace {

class FollowScorer : public Scorer {
 public:
  FollowScorer(int64_t tracks, Follow::Options options) : options_(options), past_(tracks) {}

  void hear(const Heard& play) override { past_.hear(play); }

  void score(int64_t, Scores& out) override {
    const int64_t now = past_.size();
    if (now == 0) return;
    for (int64_t p = past_.same_before(now - 1); p >= 0; p = past_.same_before(p)) {
      if (past_.track(p + 1) == unknown_track) continue;
      double weight = 1 / std::sqrt(static_cast<double>(now - p - 1));
      for (int64_t k = 1; k < options_.longest && same(p - k, now - 1 - k); ++k) weight *= options_.per_match;
      out.add(past_.track(p + 1), weight);
    }
  }

 private:
  bool same(int64_t earlier, int64_t later) const {
    return earlier >= 0 && past_.track(earlier) != unknown_track && past_.track(earlier) == past_.track(later);
  }

  Follow::Options options_;
  Past past_;
};

}  // namespace

std::unique_ptr<Scorer> Follow::read(int32_t) const { return std::make_unique<FollowScorer>(tracks_, options_); }

}  // namespace segue
