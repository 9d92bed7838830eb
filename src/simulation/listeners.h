#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace segue::simulation {

struct Listener {
  std::string name;
  int64_t plays;
  int64_t begin_s, end_s;    // of the log, nearly
  double session_plays;      // mean
  std::vector<double> home;  // liking of each genre, around which the present one wanders
};

struct ListenersOptions {
  int64_t listeners = 24;
  int64_t plays = 60000;
  int64_t begin_s = 0, end_s = 0;
  uint64_t seed = 1;
};

/// Listeners whose plays add up to options.plays; some listen five times as much as others.
std::vector<Listener> make_listeners(const ListenersOptions& options);

}  // namespace segue::simulation
