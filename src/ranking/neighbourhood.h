#pragma once

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "core/marks.h"
#include "core/pool.h"
#include "ranking/learned.h"
#include "ranking/ranker.h"

namespace segue {

/// Sessions as the distinct tracks played in them. Session s has entries first[s] … first[s + 1] - 1.
struct SessionTracks {
  std::vector<int64_t> first{0};
  std::vector<int32_t> track;
  std::vector<int32_t> place;    // of the track's last play in its session, from 0
  std::vector<int64_t> first_ms; // one per session: the moment of its first play

  int64_t sessions() const { return static_cast<int64_t>(first_ms.size()); }
  /// Appends a session from its plays in order; `played` holds unknown_track where a play is not to be learned from.
  void append(int64_t began_ms, const std::vector<int32_t>& played);
};

/// The sessions of a log and where each track occurs in them: what session-based neighbours are looked up in.
class SessionIndex {
 public:
  struct Posting {
    int32_t session = 0, place = 0;
  };
  explicit SessionIndex(const Lesson& lesson);

  const SessionTracks& sessions() const { return sessions_; }
  std::span<const Posting> postings(int32_t track) const { return postings_[track]; }
  int64_t tracks() const { return static_cast<int64_t>(postings_.first.size()) - 1; }
  /// Sessions of listener u are numbers first_of(u) … first_of(u + 1) - 1; a stranger's would come last.
  int64_t first_of(int32_t listener) const { return listener_[static_cast<size_t>(listener)]; }
  /// One number per session, for a query.
  Pool<Marks>::Lease marks() const { return marks_.lease(); }

 private:
  SessionTracks sessions_;  // of all; without the plays that are not learned from
  std::vector<int64_t> listener_;
  Lists<Posting> postings_;  // by track
  Pool<Marks> marks_{[this] { return std::make_unique<Marks>(static_cast<size_t>(sessions_.sessions())); }};
};

/// A session that shares tracks with the query.
struct Neighbour {
  int64_t number = 0;       // by listener, then time; breaks ties
  int64_t distance_ms = 0;  // between the question and its first play
  double overlap = 0;       // sum of the weights of the shared tracks
  int32_t back = 0;         // how many plays ago the latest shared track was heard: 1 is the last play
  int32_t shared_place = 0; // where that track stands in this session
  const SessionTracks* in = nullptr;
  int64_t session = 0;      // number in `in`

  bool nearer(const Neighbour& other) const {
    return distance_ms != other.distance_ms ? distance_ms < other.distance_ms : number < other.number;
  }
};

/// Keeps the `most` sessions of the largest overlap; of equal ones the nearer in time.
void keep_most_similar(std::vector<Neighbour>& sessions, int64_t most);

/// One listener's view of the sessions: others' as they were learned, his own before the current one as he was heard.
class Neighbourhood {
 public:
  Neighbourhood(const SessionIndex& index, int32_t who);
  void hear(const Heard& play);

  /// The `most` sessions nearest in time that share a track with the query, in any order. The query is the session of
  /// the last play, at most its last `longest` plays; a track that is in it twice counts where it was played last.
  /// weigh(back, size): the weight of the track heard `back` plays ago in a query of `size`.
  template <class Weigh>
  std::vector<Neighbour>& find(int64_t now_ms, int64_t longest, int64_t most, const Weigh& weigh) {
    begin();
    const auto size = std::min(longest, static_cast<int64_t>(current_.size()));
    for (int64_t back = 1; back <= size; ++back) {
      const auto track = current_[current_.size() - static_cast<size_t>(back)];
      if (first_time(track, back)) look_up(track, static_cast<int32_t>(back), weigh(back, size));
    }
    keep_nearest(now_ms, most);
    return found_;
  }

 private:
  void begin();
  bool first_time(int32_t track, int64_t back) const;
  void look_up(int32_t track, int32_t back, double weight);
  void touch(size_t session, const Neighbour& as);
  void close_session();
  void keep_nearest(int64_t now_ms, int64_t most);

  const SessionIndex& index_;
  int64_t first_own_, end_own_;  // the listener's sessions in the index
  SessionTracks own_;
  std::unordered_map<int32_t, std::vector<SessionIndex::Posting>> own_postings_;
  std::vector<int32_t> current_;
  int64_t current_ms_ = 0;
  Pool<Marks>::Lease seen_;  // place in found_ of sessions of the index, then of own ones
  std::vector<Neighbour> found_;
};

}  // namespace segue
