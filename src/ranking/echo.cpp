#include "ranking/echo.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "ranking/past.h"

namespace segue {
namespace {

class EchoScorer : public Scorer {
 public:
  EchoScorer(int64_t tracks, const Echo::Options& options) : options_(options), past_(tracks) {
    for (int64_t off = 0; off <= 2 * options.reach; ++off) {
      fade_.push_back(std::pow(options.fade, off));
      slip_.push_back(std::pow(options.slip, off));
    }
  }

  void hear(const Heard& play) override {
    past_.hear(play);
    near_.push_back(1 / std::sqrt(static_cast<double>(past_.size())));
  }

  void score(int64_t, Scores& out) override {
    for (int64_t back = 1; back <= std::min(options_.reach, past_.size()); ++back) {
      int64_t left = options_.places;
      int64_t p = past_.same_before(past_.size() - back);
      for (; p >= 0 && left > 0; --left, p = past_.same_before(p)) add_around(p, back, out);
    }
  }

 private:
  void add_around(int64_t place, int64_t back, Scores& out) const {
    const int64_t begin = options_.before ? std::max<int64_t>(0, place - options_.reach) : place + 1;
    const int64_t end = std::min(past_.size(), place + options_.reach + 1);
    for (int64_t p = begin; p < end; ++p) {
      if (p == place || past_.track(p) == unknown_track) continue;
      const auto off = static_cast<size_t>(std::abs(p - place - back));
      out.add(past_.track(p), fade_[static_cast<size_t>(back) - 1] * slip_[off] *
                                  near_[static_cast<size_t>(past_.size() - p - 1)]);
    }
  }

  Echo::Options options_;
  Past past_;
  std::vector<double> fade_, slip_;  // powers
  std::vector<double> near_;         // distance^-1/2, by distance - 1
};

}  // namespace

std::unique_ptr<Scorer> Echo::read(int32_t) const { return std::make_unique<EchoScorer>(tracks_, options_); }

}  // namespace segue
