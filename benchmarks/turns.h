#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace segue {

inline double median(std::vector<double> all) {
  std::sort(all.begin(), all.end());
  return all[all.size() / 2];
}

/// Something that is timed beside others.
struct Row {
  std::string name;
  std::function<void()> run;
  std::vector<double> ms = {};
};

/// How many times as long `slow` took, turn by turn: both met the same weather.
inline double ratio(const Row& slow, const Row& fast) {
  std::vector<double> all;
  for (size_t turn = 0; turn < fast.ms.size(); ++turn) all.push_back(slow.ms[turn] / fast.ms[turn]);
  return median(all);
}

/// Runs all rows once to warm up, then `turns` times in turn, with a rest before each: libtorch's threads go on
/// spinning for some milliseconds after their work, at the cost of whoever comes next.
inline void time_rows(std::vector<Row>& rows, int turns) {
  for (int turn = -1; turn < turns; ++turn) {
    for (auto& row : rows) {
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
      const auto start = std::chrono::steady_clock::now();
      row.run();
      const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
      if (turn >= 0) row.ms.push_back(took.count());
    }
  }
  for (const auto& row : rows) std::printf("%-44s%9.2f ms\n", row.name.c_str(), median(row.ms));
}

}  // namespace segue
