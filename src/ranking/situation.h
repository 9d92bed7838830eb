#pragma once

#include <array>
#include <span>
#include <string_view>

#include "ranking/past.h"

namespace segue {

/// How a listener is listening when the question is asked: numbers of about 0 … 1 on which the trust in each ranker
/// depends.
class Situation {
 public:
  /// followed, followed twice, thrice: the last 1, 2, 3 plays were heard in this order before. repeats, same as last,
  /// steps known: the share of the last 20 plays whose track was heard before, was the one before it, had followed it
  /// before. gap, history, place in session: logarithms.
  static constexpr std::array<std::string_view, 11> names{
      "always",  "pause",    "gap",           "followed",      "followed twice",   "followed thrice",
      "history", "repeats",  "same as last",  "steps known",   "place in session",
  };
  static constexpr size_t numbers = names.size();
  using State = std::array<double, numbers>;

  static bool paused(const State& state) { return state[1] > 0; }

  explicit Situation(int64_t tracks) : past_(tracks) {}
  void hear(const Heard& play);
  State at(int64_t now_ms) const;

 private:
  static constexpr size_t window = 20;  // plays over which habits are counted
  struct Habit {
    std::array<uint8_t, window> kept{};
    int count = 0;
    void note(size_t play, bool yes);
    double share(size_t plays) const;
  };
  int64_t longest_match() const;
  bool same(int64_t earlier, int64_t later) const;
  bool step_known(int64_t play) const;

  Past past_;
  int64_t last_ms_ = 0, session_plays_ = 0;
  Habit repeats_, same_, steps_;
};

}  // namespace segue
