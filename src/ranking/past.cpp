#include "ranking/past.h"

#include <utility>

namespace segue {

void Past::hear(const Heard& play) {
  const bool known = play.track >= 0 && play.track < tracks_;
  int64_t before = -1;
  if (known) {
    const auto [last, first_time] = last_.try_emplace(play.track, size());
    if (!first_time) before = std::exchange(last->second, size());
  }
  track_.push_back(known ? play.track : unknown_track);
  opens_.push_back(play.opens);
  same_before_.push_back(before);
}

int32_t OwnTracks::meet(int32_t track) {
  if (track < 0 || track >= tracks_) return unknown_track;
  const auto [own, first_time] = number_.try_emplace(track, static_cast<int32_t>(met_.size()));
  if (first_time) met_.push_back(track);
  return own->second;
}

}  // namespace segue
