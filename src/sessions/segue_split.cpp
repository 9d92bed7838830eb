#include "sessions/segue_split.h"

#include <algorithm>
#include <utility>

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

class Split {
 public:
  Split(const RawLog& raw, const MarkedPlays& plays, int64_t cap)
      : raw_(raw), plays_(plays), cap_(cap), first_play_(plays.core.track.size(), INT64_MAX) {
    for (size_t i = 0; i < plays.track.size(); ++i) {
      int64_t& first = first_play_[track(i)];
      first = std::min(first, raw.time_ms[i]);
    }
  }

  Json kept() const {  // C8
    std::vector<uint8_t> seen(first_play_.size());
    int64_t rows = 0, listeners = 0, tracks = 0, sessions = 0;
    for (size_t u = 0; u < users(); ++u) {
      if (!plays_.core.user[u]) continue;
      listeners += end(u) > begin(u);
      for (size_t i = begin(u); i < end(u); ++i) {
        ++rows;
        tracks += !std::exchange(seen[track(i)], 1);
        sessions += plays_.place[i] == 1;
      }
    }
    Json out{{"rows", rows}, {"users", listeners}, {"tracks", tracks}, {"sessions", sessions}};
    if (plays_.hashes()) out["sha256"] = hash_plays(raw_, plays_, [&](size_t u, size_t) { return plays_.core.user[u] != 0; });
    return out;
  }

  Json part(Part part) const {  // C9, C10
    std::vector<uint8_t> seen(first_play_.size());
    int64_t rows = 0, listeners = 0, tracks = 0, in_catalogue = 0, cold_rows = 0;
    int64_t targets = 0, repeats = 0, novel = 0, cold_targets = 0;
    for (size_t u = 0; u < users(); ++u) {
      if (!plays_.core.user[u]) continue;
      const int64_t before = rows;
      for (size_t i = begin(u); i < end(u); ++i) {
        if (plays_.part[i] != part) continue;
        const bool cold = first_play_[track(i)] > (part == Part::val ? plays_.cut[u].val : plays_.cut[u].test);
        ++rows;
        tracks += !std::exchange(seen[track(i)], 1);
        in_catalogue += plays_.core.track[track(i)];
        cold_rows += cold;
        if (plays_.place[i] == 1 || plays_.place[i] > cap_) continue;
        ++targets;
        repeats += plays_.repeat[i];
        novel += !plays_.repeat[i] && !cold;
        cold_targets += !plays_.repeat[i] && cold;
      }
      listeners += rows > before;
    }
    Json out{{"rows", rows}, {"users", listeners}, {"tracks", tracks}, {"in_catalogue", in_catalogue}};
    if (part != Part::fit) {
      out["cold_rows"] = cold_rows;
      out["targets"] = {{"all", targets}, {"repeat", repeats}, {"novel", novel}, {"cold", cold_targets}};
    }
    const auto in_part = [&](size_t u, size_t i) { return plays_.core.user[u] && plays_.part[i] == part; };
    if (plays_.hashes() && rows > 0) out["sha256"] = hash_plays(raw_, plays_, in_part);
    return out;
  }

  /// Sessions that begin in one part and end in another.
  int64_t straddling() const {
    int64_t sessions = 0;
    for (size_t u = 0; u < users(); ++u) {
      if (!plays_.core.user[u]) continue;
      for (size_t i = begin(u), stop = i; i < end(u); i = stop) {
        while (stop < end(u) && plays_.session[stop] == plays_.session[i]) ++stop;
        sessions += plays_.part[i] != plays_.part[stop - 1];
      }
    }
    return sessions;
  }

 private:
  size_t users() const { return raw_.listeners.size(); }
  size_t begin(size_t u) const { return static_cast<size_t>(raw_.first[u]); }
  size_t end(size_t u) const { return static_cast<size_t>(raw_.first[u + 1]); }
  size_t track(size_t i) const { return static_cast<size_t>(plays_.track[i]); }

  const RawLog& raw_;
  const MarkedPlays& plays_;
  int64_t cap_;
  std::vector<int64_t> first_play_;  // [N] by anyone: a track is cold where that lies after the cut
};

}  // namespace

void describe_split(const RawLog& raw, const MarkedPlays& plays, int64_t cap, nlohmann::ordered_json& steps) {
  const Split split(raw, plays, cap);
  steps["C8_kept"] = split.kept();
  for (const auto& [name, part] : {std::pair{"train", Part::fit}, {"val", Part::val}, {"test", Part::test}}) {
    steps["C9_split"][name] = split.part(part);
  }
  steps["C9_split"]["straddling_sessions"] = split.straddling();
}

}  // namespace segue
