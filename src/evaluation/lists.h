#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "evaluation/questions.h"

namespace segue {

/// What the lists that a ranker showed add up to.
class Lists {
 public:
  explicit Lists(size_t tracks) : shown_(tracks) {}

  /// heard(track): was it played before?
  template <class Heard>
  void add(const std::vector<int32_t>& list, const Questions& q, const Heard& heard) {
    for (const int32_t track : list) repeats_ += heard(static_cast<size_t>(track));
    count(list, q);
  }
  void add(const Lists& other);

  /// coverage@20, gini@20, repeats@20, artists@20; empty where no list was shown.
  std::map<std::string, double> summary(const Questions& q) const;

 private:
  void count(const std::vector<int32_t>& list, const Questions& q);

  std::vector<int64_t> shown_;  // [N] times a track stood in a list
  int64_t tracks_ = 0, repeats_ = 0, artists_ = 0, lists_ = 0;
};

}  // namespace segue
