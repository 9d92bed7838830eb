#include "ranking/neighbourhood.h"

#include <algorithm>
#include <cstdlib>

#include "ranking/past.h"

namespace segue {

void SessionTracks::append(int64_t began_ms, const std::vector<int32_t>& played) {
  std::vector<std::pair<int32_t, int32_t>> tracks;  // and places
  for (size_t p = 0; p < played.size(); ++p) {
    if (played[p] != unknown_track) tracks.emplace_back(played[p], -static_cast<int32_t>(p));
  }
  std::sort(tracks.begin(), tracks.end());  // of a track's plays the last comes first
  for (size_t t = 0; t < tracks.size(); ++t) {
    if (t > 0 && tracks[t - 1].first == tracks[t].first) continue;
    track.push_back(tracks[t].first);
    place.push_back(-tracks[t].second);
  }
  first.push_back(static_cast<int64_t>(track.size()));
  first_ms.push_back(began_ms);
}

SessionIndex::SessionIndex(const Lesson& lesson) {
  const auto& log = lesson.log;
  std::vector<int32_t> played;
  listener_.push_back(0);
  for_each_listener(log, [&](int32_t, int64_t begin, int64_t end) {
    for (int64_t i = begin, from = begin; i < end; ++i) {
      const auto p = static_cast<size_t>(i);
      played.push_back(lesson.learns_from(i) ? log.track[p] : unknown_track);
      if (i + 1 < end && log.opens[p + 1] == 0) continue;
      sessions_.append(log.moment_ms[static_cast<size_t>(from)], played);
      played.clear();
      from = i + 1;
    }
    listener_.push_back(sessions_.sessions());
  });
  postings_ = Lists<Posting>::of(log.tracks, [&](const auto& add) {
    for (int64_t s = 0; s < sessions_.sessions(); ++s) {
      const auto at = static_cast<size_t>(s);
      for (auto e = static_cast<size_t>(sessions_.first[at]); e < static_cast<size_t>(sessions_.first[at + 1]); ++e) {
        add(sessions_.track[e], Posting{static_cast<int32_t>(s), sessions_.place[e]});
      }
    }
  });
}

void keep_most_similar(std::vector<Neighbour>& sessions, int64_t most) {
  if (static_cast<int64_t>(sessions.size()) <= most) return;
  std::nth_element(sessions.begin(), sessions.begin() + most, sessions.end(),
                   [](const Neighbour& a, const Neighbour& b) {
                     return a.overlap != b.overlap ? a.overlap > b.overlap : a.nearer(b);
                   });
  sessions.resize(static_cast<size_t>(most));
}

Neighbourhood::Neighbourhood(const SessionIndex& index, int32_t who)
    : index_(index),
      first_own_(who >= 0 ? index.first_of(who) : index.sessions().sessions()),
      end_own_(who >= 0 ? index.first_of(who + 1) : first_own_),
      seen_(index.marks()) {}

void Neighbourhood::hear(const Heard& play) {
  if (play.opens || current_.empty()) {
    close_session();
    current_ms_ = play.moment_ms;
  }
  current_.push_back(play.track >= 0 && play.track < index_.tracks() ? play.track : unknown_track);
}

void Neighbourhood::close_session() {
  if (current_.empty()) return;
  const auto session = static_cast<int32_t>(own_.sessions());
  own_.append(current_ms_, current_);
  for (auto e = static_cast<size_t>(own_.first[own_.first.size() - 2]); e < own_.track.size(); ++e) {
    own_postings_[own_.track[e]].push_back({session, own_.place[e]});
  }
  seen_->reach(static_cast<size_t>(index_.sessions().sessions() + own_.sessions()));
  current_.clear();
}

void Neighbourhood::begin() {
  found_.clear();
  seen_->clear();
}

bool Neighbourhood::first_time(int32_t track, int64_t back) const {
  return track != unknown_track && std::find(current_.end() - (back - 1), current_.end(), track) == current_.end();
}

void Neighbourhood::look_up(int32_t track, int32_t back, double weight) {
  const auto others = static_cast<size_t>(index_.sessions().sessions());
  // Own sessions stand where the log has them; should more be heard than it has, those of later listeners move up.
  const int64_t shift = std::max<int64_t>(0, own_.sessions() - (end_own_ - first_own_));
  for (const auto& [session, place] : index_.postings(track)) {
    if (session >= first_own_ && session < end_own_) continue;
    const int64_t number = session < first_own_ ? session : session + shift;
    touch(static_cast<size_t>(session), {number, 0, weight, back, place, &index_.sessions(), session});
  }
  const auto own = own_postings_.find(track);
  if (own == own_postings_.end()) return;
  for (const auto& [session, place] : own->second) {
    touch(others + static_cast<size_t>(session), {first_own_ + session, 0, weight, back, place, &own_, session});
  }
}

void Neighbourhood::touch(size_t session, const Neighbour& as) {
  if (seen_->has(session)) {
    found_[(*seen_)[session]].overlap += as.overlap;
  } else {
    seen_->set(session, static_cast<uint32_t>(found_.size()));
    found_.push_back(as);
  }
}

void Neighbourhood::keep_nearest(int64_t now_ms, int64_t most) {
  for (auto& one : found_) one.distance_ms = std::abs(now_ms - one.in->first_ms[static_cast<size_t>(one.session)]);
  if (static_cast<int64_t>(found_.size()) <= most) return;
  std::nth_element(found_.begin(), found_.begin() + most, found_.end(),
                   [](const Neighbour& a, const Neighbour& b) { return a.nearer(b); });
  found_.resize(static_cast<size_t>(most));
}

}  // namespace segue
