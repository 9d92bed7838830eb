#include "ranking/popular.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ranking/learned.h"

namespace segue {
namespace {

class PopularScorer : public Scorer {
 public:
  explicit PopularScorer(const std::vector<double>& plays) : plays_(plays) {}
  void hear(const Heard&) override {}
  void score(int64_t, Scores& out) override { std::copy(plays_.begin(), plays_.end(), out.all().begin()); }

 private:
  const std::vector<double>& plays_;
};

/// Reads the plays of everyone up to the moment of the question. All sums are kept in units of 2^(epoch / half life),
/// so that the passing of time changes none of them; the ranks don't depend on the unit.
class RecentScorer : public Scorer {
 public:
  RecentScorer(const Log& log, const std::vector<int64_t>& by_time, double half_life_ms)
      : log_(log), by_time_(by_time), half_life_ms_(half_life_ms), sum_(static_cast<size_t>(log.tracks)) {}

  void hear(const Heard&) override {}

  void score(int64_t now_ms, Scores& out) override {
    if (next_ > 0 && moment(next_ - 1) >= now_ms) start_again();
    for (; next_ < by_time_.size() && moment(next_) < now_ms; ++next_) read(next_);
    std::copy(sum_.begin(), sum_.end(), out.all().begin());
  }

 private:
  static constexpr double most_halvings = 500;  // 2^500 still leaves room for sums in a double

  int64_t moment(size_t at) const { return log_.moment_ms[static_cast<size_t>(by_time_[at])]; }

  void start_again() {
    std::fill(sum_.begin(), sum_.end(), 0.0);
    next_ = 0;
  }

  void read(size_t at) {
    if (at == 0) epoch_ms_ = moment(at);
    double halvings = static_cast<double>(moment(at) - epoch_ms_) / half_life_ms_;
    if (halvings > most_halvings) {
      const double unit = std::exp2(-halvings);
      for (auto& sum : sum_) sum *= unit;
      epoch_ms_ = moment(at);
      halvings = 0;
    }
    sum_[static_cast<size_t>(log_.track[static_cast<size_t>(by_time_[at])])] += std::exp2(halvings);
  }

  const Log& log_;
  const std::vector<int64_t>& by_time_;
  double half_life_ms_;
  std::vector<double> sum_;  // [N]
  size_t next_ = 0;
  int64_t epoch_ms_ = 0;
};

}  // namespace

Popular::Popular(const Lesson& lesson) {
  const auto plays = learned_plays(lesson);
  plays_.assign(plays.begin(), plays.end());
}

std::unique_ptr<Scorer> Popular::read(int32_t) const { return std::make_unique<PopularScorer>(plays_); }

RecentlyPopular::RecentlyPopular(const Lesson& lesson, Options options)
    : log_(lesson.log),
      half_life_ms_(options.half_life_days * 86'400'000.0),
      by_time_(static_cast<size_t>(log_.plays())) {
  std::iota(by_time_.begin(), by_time_.end(), int64_t{0});
  std::stable_sort(by_time_.begin(), by_time_.end(), [&](int64_t a, int64_t b) {
    return log_.moment_ms[static_cast<size_t>(a)] < log_.moment_ms[static_cast<size_t>(b)];
  });
}

std::unique_ptr<Scorer> RecentlyPopular::read(int32_t) const {
  return std::make_unique<RecentScorer>(log_, by_time_, half_life_ms_);
}

}  // namespace segue
