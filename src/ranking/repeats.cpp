#include "ranking/repeats.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>

#include "ranking/past.h"

namespace segue {
namespace {

class PersonalScorer : public Scorer {
 public:
  explicit PersonalScorer(int64_t tracks) : own_(tracks) {}

  void hear(const Heard& play) override {
    const auto own = own_.meet(play.track);
    plays_.resize(own_.met().size());
    if (own != unknown_track) plays_[static_cast<size_t>(own)] += 1;
  }

  void score(int64_t, Scores& out) override {
    for (size_t own = 0; own < plays_.size(); ++own) out.add(own_.met()[own], plays_[own]);
  }

 private:
  OwnTracks own_;
  std::vector<double> plays_;
};

class LatestScorer : public Scorer {
 public:
  LatestScorer(int64_t tracks, int64_t plays) : tracks_(tracks), most_(static_cast<size_t>(plays)) {}

  void hear(const Heard& play) override {
    latest_.push_back(play.track);
    if (latest_.size() > most_) latest_.pop_front();
  }

  void score(int64_t, Scores& out) override {
    for (const auto track : latest_) {
      if (track >= 0 && track < tracks_) out.add(track, 1);
    }
  }

 private:
  int64_t tracks_;
  size_t most_;
  std::deque<int32_t> latest_;
};

/// Sums a weight per play over the whole history, anew for every question, since all weights change with time. The
/// plays of unknown tracks are not kept here; what they shift is the derived scorer's to know.
class RepeatScorer : public Scorer {
 public:
  explicit RepeatScorer(int64_t tracks) : own_(tracks) {}

 protected:
  bool keep(int32_t track) {
    const auto own = own_.meet(track);
    if (own == unknown_track) return false;
    play_.push_back(own);
    return true;
  }

  /// weigh(begin, end, weights) writes the weights of plays begin … end - 1.
  template <class Weigh>
  void sum(const Weigh& weigh, Scores& out) {
    std::array<double, 512> weights;  // blocks, so that the weighing is a loop without the scattering
    sum_.assign(own_.met().size(), 0.0);
    for (size_t begin = 0; begin < play_.size(); begin += weights.size()) {
      const size_t end = std::min(play_.size(), begin + weights.size());
      weigh(begin, end, weights.data());
      for (size_t p = begin; p < end; ++p) sum_[static_cast<size_t>(play_[p])] += weights[p - begin];
    }
    for (size_t own = 0; own < sum_.size(); ++own) out.add(own_.met()[own], sum_[own]);
  }

 private:
  OwnTracks own_;
  std::vector<int32_t> play_;  // own number of each play's track
  std::vector<double> sum_;    // by own number
};

class HoursScorer : public RepeatScorer {
 public:
  using RepeatScorer::RepeatScorer;

  void hear(const Heard& play) override {
    if (keep(play.track)) moment_ms_.push_back(static_cast<double>(play.moment_ms));
  }

  void score(int64_t now_ms, Scores& out) override {
    const auto now = static_cast<double>(now_ms);
    sum(
        [&](size_t begin, size_t end, double* weights) {
          const double* moment = moment_ms_.data();
          for (size_t p = begin; p < end; ++p) {
            // A clock that was set back gives plays from the future; they are as fresh as a play can be.
            const double hours = std::max(0.0, now - moment[p]) * (1 / 3'600'000.0);
            weights[p - begin] = 1 / std::sqrt(hours + 1);
          }
        },
        out);
  }

 private:
  std::vector<double> moment_ms_;
};

class PlaysScorer : public RepeatScorer {
 public:
  using RepeatScorer::RepeatScorer;

  void hear(const Heard& play) override {
    if (keep(play.track)) place_.push_back(heard_);
    ++heard_;
    weight_at_.push_back(1 / std::sqrt(static_cast<double>(heard_)));
  }

  void score(int64_t, Scores& out) override {
    sum(
        [&](size_t begin, size_t end, double* weights) {
          for (size_t p = begin; p < end; ++p) weights[p - begin] = weight_at_[heard_ - place_[p] - 1];
        },
        out);
  }

 private:
  size_t heard_ = 0;
  std::vector<size_t> place_;      // of each kept play among all
  std::vector<double> weight_at_;  // [heard_] by distance - 1
};

}  // namespace

std::unique_ptr<Scorer> Personal::read(int32_t) const { return std::make_unique<PersonalScorer>(tracks_); }
std::unique_ptr<Scorer> PersonalLatest::read(int32_t) const {
  return std::make_unique<LatestScorer>(tracks_, options_.plays);
}
std::unique_ptr<Scorer> RepeatHours::read(int32_t) const { return std::make_unique<HoursScorer>(tracks_); }
std::unique_ptr<Scorer> RepeatPlays::read(int32_t) const { return std::make_unique<PlaysScorer>(tracks_); }

}  // namespace segue
