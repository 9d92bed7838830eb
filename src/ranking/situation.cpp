#include "ranking/situation.h"

#include <algorithm>
#include <cmath>

namespace segue {

void Situation::Habit::note(size_t play, bool yes) {
  auto& slot = kept[play % window];
  count += static_cast<int>(yes) - slot;
  slot = yes;
}

double Situation::Habit::share(size_t plays) const {
  return plays == 0 ? 0.0 : static_cast<double>(count) / static_cast<double>(std::min(plays, window));
}

void Situation::hear(const Heard& play) {
  past_.hear(play);
  const int64_t last = past_.size() - 1;
  const auto slot = static_cast<size_t>(last);
  repeats_.note(slot, past_.same_before(last) >= 0);
  same_.note(slot, last > 0 && past_.same_before(last) == last - 1);
  steps_.note(slot, step_known(last));
  session_plays_ = play.opens ? 1 : session_plays_ + 1;
  last_ms_ = play.moment_ms;
}

/// Did this track follow the track before it once before?
bool Situation::step_known(int64_t play) const {
  if (play == 0 || past_.track(play) == unknown_track) return false;
  constexpr int most = 64;  // earlier plays that are looked at: a loop of one track would be walked from end to end
  int looked = 0;
  for (int64_t p = past_.same_before(play - 1); p >= 0 && looked < most; p = past_.same_before(p), ++looked) {
    if (past_.track(p + 1) == past_.track(play)) return true;
  }
  return false;
}

bool Situation::same(int64_t earlier, int64_t later) const {
  return earlier >= 0 && past_.track(earlier) != unknown_track && past_.track(earlier) == past_.track(later);
}

/// For how many plays backwards, at most 3, an earlier place of the history equals its end.
int64_t Situation::longest_match() const {
  constexpr int64_t longest = 3;
  const int64_t last = past_.size() - 1;
  int64_t best = 0;
  for (int64_t p = last < 0 ? -1 : past_.same_before(last); p >= 0 && best < longest; p = past_.same_before(p)) {
    int64_t k = 1;
    while (k < longest && same(p - k, last - k)) ++k;
    best = std::max(best, k);
  }
  return best;
}

Situation::State Situation::at(int64_t now_ms) const {
  const auto plays = static_cast<size_t>(past_.size());
  const double hours = plays == 0 ? 0 : std::max(0.0, static_cast<double>(now_ms - last_ms_) / 3'600'000.0);
  const auto match = longest_match();
  return {1.0,
          hours > 1.0 / 3 ? 1.0 : 0.0,  // the silence that mostly parts sessions
          std::log1p(hours) / 5,
          match >= 1 ? 1.0 : 0.0,
          match >= 2 ? 1.0 : 0.0,
          match >= 3 ? 1.0 : 0.0,
          std::log1p(static_cast<double>(plays)) / 10,
          repeats_.share(plays),
          same_.share(plays),
          steps_.share(plays),
          std::log1p(static_cast<double>(session_plays_)) / 5};
}

}  // namespace segue
