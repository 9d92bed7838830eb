#pragma once

#include <cstdint>
#include <numeric>
#include <vector>

namespace segue {

/// Places 0 … n - 1 of which some are taken for good: the nearest that is free on either side, in next to constant time
/// however many are taken (path halving, Tarjan & van Leeuwen, 1984).
class FreePlaces {
 public:
  explicit FreePlaces(size_t n) : after_(n + 1), before_(n + 1) {
    std::iota(after_.begin(), after_.end(), size_t{0});
    std::iota(before_.begin(), before_.end(), size_t{0});
  }

  /// The first free place from `place` on; n if there is none.
  size_t from(size_t place) { return find(after_, place); }
  /// One past the last free place before `end`; 0 if there is none.
  size_t end_before(size_t end) { return find(before_, end); }

  void take(size_t place) {
    after_[place] = place + 1;
    before_[place + 1] = place;
  }

 private:
  static size_t find(std::vector<size_t>& next, size_t at) {
    while (next[at] != at) at = next[at] = next[next[at]];
    return at;
  }

  std::vector<size_t> after_, before_;
};

}  // namespace segue
