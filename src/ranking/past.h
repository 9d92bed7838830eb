#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "ranking/ranker.h"

namespace segue {

/// The number that stands for every track the log does not have: it is equal to nothing and scores nothing.
constexpr int32_t unknown_track = -1;

/// What one listener has played so far, with a way from every play to the play of the same track before it.
class Past {
 public:
  explicit Past(int64_t tracks) : tracks_(tracks) {}
  void hear(const Heard& play);

  int64_t size() const { return static_cast<int64_t>(track_.size()); }
  /// unknown_track where the log has no such track.
  int32_t track(int64_t play) const { return track_[static_cast<size_t>(play)]; }
  bool opens(int64_t play) const { return opens_[static_cast<size_t>(play)] != 0; }
  /// The play of the same track before `play`; -1 if there is none or the track is unknown.
  int64_t same_before(int64_t play) const { return same_before_[static_cast<size_t>(play)]; }

 private:
  int64_t tracks_;
  std::vector<int32_t> track_;
  std::vector<uint8_t> opens_;
  std::vector<int64_t> same_before_;
  std::unordered_map<int32_t, int64_t> last_;  // play of the track
};

/// Numbers a listener's tracks in the order he met them, so that sums over his plays stay in a small table.
class OwnTracks {
 public:
  explicit OwnTracks(int64_t tracks) : tracks_(tracks) {}
  /// The own number of a track, new where it was not met; unknown_track if the log has no such track.
  int32_t meet(int32_t track);
  /// Own number → track.
  const std::vector<int32_t>& met() const { return met_; }

 private:
  int64_t tracks_;
  std::vector<int32_t> met_;
  std::unordered_map<int32_t, int32_t> number_;
};

}  // namespace segue
