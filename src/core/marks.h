#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace segue {

/// Numbers for some of the keys 0 … keys() - 1, all forgotten in constant time.
class Marks {
 public:
  explicit Marks(size_t keys) : marks_(keys) {}

  void clear() {
    if (++now_ != 0) return;
    std::fill(marks_.begin(), marks_.end(), Mark{});  // after 2^32 times the old marks would be taken for new ones
    now_ = 1;
  }
  /// Room for so many keys at least.
  void reach(size_t keys) {
    if (keys > marks_.size()) marks_.resize(keys);
  }

  size_t keys() const { return marks_.size(); }
  bool has(size_t key) const { return marks_[key].time == now_; }
  /// Of a key that has a number.
  uint32_t operator[](size_t key) const { return marks_[key].number; }
  void set(size_t key, uint32_t number) { marks_[key] = {now_, number}; }

 private:
  struct Mark {
    uint32_t time = 0, number = 0;
  };
  std::vector<Mark> marks_;
  uint32_t now_ = 1;
};

}  // namespace segue
