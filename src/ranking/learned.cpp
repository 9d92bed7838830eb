#include "ranking/learned.h"

namespace segue {

std::vector<int64_t> learned_plays(const Lesson& lesson) {
  std::vector<int64_t> plays(static_cast<size_t>(lesson.log.tracks), 0);
  for (int64_t i = 0; i < lesson.log.plays(); ++i) {
    if (lesson.learns_from(i)) ++plays[static_cast<size_t>(lesson.log.track[static_cast<size_t>(i)])];
  }
  return plays;
}

}  // namespace segue
