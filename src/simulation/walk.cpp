#include "simulation/walk.h"

#include <algorithm>

#include "simulation/taste.h"

namespace segue::simulation {
namespace {

constexpr int64_t wander_every = 64;  // plays
constexpr int64_t repeat_after = 5;   // plays: nobody repeats what was on a moment ago
constexpr int64_t recent_plays = 200;
constexpr int64_t mean_listened_s = 190;

/// One listener's way through the tracks, play by play.
class Walk {
 public:
  Walk(const World& world, const Habits& habits, const Listener& listener, uint64_t seed, int64_t which)
      : world_(world), habits_(habits), listener_(listener), random_(random_of(seed, Stream::plays, which)),
        taste_(world, listener.home, random_), heard_at_(world.tracks.size(), -1), now_s_(listener.begin_s),
        other_player_(random_.uniform() < 0.35) {}

  std::vector<Play> go() {
    while (size() < listener_.plays) {
      if (size() % wander_every == wander_every - 1) taste_.wander(random_);
      const bool opens = size() == 0 || random_.uniform() * listener_.session_plays < 1.0;
      if (opens) open_session();
      Play play{};
      play.opens_session = opens;
      play.track = choose(play.kind);
      hear(play);
    }
    return std::move(plays_);
  }

 private:
  int64_t size() const { return static_cast<int64_t>(plays_.size()); }
  const Track& last() const { return world_.tracks[plays_.back().track]; }
  bool is_new(int32_t track) const { return heard_at_[track] < 0 && world_.tracks[track].released_s <= now_s_; }

  void open_session() {
    if (size() > 0) now_s_ += pause_s();
    mood_ = taste_.any_genre(random_);
    context_ = mixed(world_.centres[mood_], 0.5, Latent{}, 0.0);
    followed_ = -1;
  }

  /// Silence before a session, such that the plays still to come fill the listener's time. Nobody starts at night.
  int64_t pause_s() {
    const double stretch = random_.uniform();
    const int64_t left = listener_.plays - size();
    const int64_t spare_s = listener_.end_s - now_s_ - left * mean_listened_s;
    const double sessions = std::max(1.0, static_cast<double>(left) / listener_.session_plays);
    const double mean_s = static_cast<double>(spare_s) / sessions - static_cast<double>(silence_s);
    int64_t pause = silence_s + 60 + static_cast<int64_t>(std::max(0.0, mean_s) * 3.0 * stretch * stretch);
    const int64_t hour = (now_s_ + pause) % 86400 / 3600;
    if (mean_s > 0.0 && hour >= 1 && hour < 7) pause += (7 - hour) * 3600 + static_cast<int64_t>(random_.below(7200));
    return now_s_ + pause < listener_.end_s ? pause : silence_s + 60;
  }

  int32_t choose(Kind& kind) {
    const bool goes_on = followed_ >= 0 && followed_ + 1 < size() && !plays_[followed_ + 1].opens_session;
    if (goes_on && random_.uniform() < habits_.replay) {
      kind = Kind::replay;
      const int32_t track = plays_[++followed_].track;
      if (heard_at_[track] <= size() - repeat_after) followed_ = heard_at_[track];
      return track;
    }
    int32_t track = -1;
    if (size() < 2 * repeat_after || random_.uniform() < habits_.discovery) track = discover(kind);
    if (track < 0 && size() >= 2 * repeat_after) track = repeat(kind);
    followed_ = heard_at_[track];
    if (followed_ > size() - repeat_after) followed_ = -1;
    return track;
  }

  /// One of four tracks from the past, by nearness and taste.
  int32_t repeat(Kind& kind) {
    const bool recent = random_.uniform() < habits_.recent;
    kind = recent ? Kind::recent_repeat : Kind::old_repeat;
    const int64_t latest = size() - repeat_after;
    const int64_t earliest = std::max<int64_t>(0, latest - recent_plays);
    std::vector<int32_t> some;
    for (int i = 0; i < 4; ++i) {
      const uint64_t at = random_.below(recent ? latest - earliest : heard_.size());
      some.push_back(recent ? plays_[earliest + at].track : heard_[at]);
    }
    std::vector<double> weights;
    for (const int32_t track : some) weights.push_back(track == plays_.back().track ? 1e-9 : appeal(track));
    return some[draw(random_, weights)];
  }

  double appeal(int32_t track) const {
    const Latent& latent = world_.tracks[track].latent;
    return growth(habits_.nearness * dot(latent, context_)) * growth(habits_.liking * dot(latent, taste_.latent()));
  }

  /// A track that the listener has not heard; -1 where nothing is left of the kind that was drawn.
  int32_t discover(Kind& kind) {
    const double how = random_.uniform();
    const bool within = size() > 0 && now_s_ - plays_.back().start_s < silence_s;
    if (within && how < habits_.album) {
      kind = Kind::album;
      if (const int32_t track = next_on_album(); track >= 0) return track;
    } else if (within && how < habits_.album + habits_.same_artist) {
      kind = Kind::same_artist;
      const Artist& artist = world_.artists[last().artist];
      const int32_t track = one_new(artist.first_track, artist.tracks, [&](int32_t t) { return world_.tracks[t].weight; });
      if (track >= 0) return track;
    }
    const double known = habits_.genre / (1.0 - habits_.album - habits_.same_artist);
    return of_genre(random_.uniform() < known, kind);
  }

  int32_t next_on_album() const {
    const int32_t next = plays_.back().track + 1;
    if (next >= static_cast<int32_t>(world_.tracks.size()) || world_.tracks[next].album != last().album) return -1;
    return is_new(next) ? next : -1;
  }

  int32_t of_genre(bool by_popularity, Kind& kind) {
    kind = by_popularity ? Kind::genre : Kind::content;
    int32_t genre = mood_;
    if (random_.uniform() < habits_.stray) genre = taste_.any_genre(random_);
    const std::vector<int32_t>& tracks = world_.of_genre[genre];
    std::vector<double> weights;
    for (const int32_t track : tracks) weights.push_back(!is_new(track) ? 0.0 : by_popularity ? liked(track) : alike(track));
    const int64_t at = draw(random_, weights);
    return at < 0 ? any_new(kind) : tracks[at];
  }

  double liked(int32_t track) const { return world_.tracks[track].weight * appeal(track); }
  double alike(int32_t track) const {
    return growth(habits_.content_nearness * dot(world_.tracks[track].latent, context_));
  }

  /// Where a listener knows all of a genre: anything new.
  int32_t any_new(Kind& kind) {
    kind = Kind::genre;
    return one_new(0, static_cast<int32_t>(world_.tracks.size()), [&](int32_t t) { return world_.tracks[t].weight; });
  }

  template <class Weight>
  int32_t one_new(int32_t first, int32_t count, Weight weight) {
    std::vector<double> weights;
    for (int32_t track = first; track < first + count; ++track) weights.push_back(is_new(track) ? weight(track) : 0.0);
    const int64_t at = draw(random_, weights);
    return at < 0 ? -1 : first + static_cast<int32_t>(at);
  }

  void hear(Play& play) {
    const Track& track = world_.tracks[play.track];
    play.start_s = now_s_;
    const double match = dot(track.latent, taste_.latent());
    play.match = static_cast<float>(match);
    play.complete = random_.uniform() < sigmoid(habits_.completion_intercept + habits_.completion_slope * match);
    play.played_ms = play.complete ? track.length_ms : stopped_ms(track.length_ms);
    const bool other = random_.uniform() < habits_.other_spelling ? !other_player_ : other_player_;
    play.spelling = other && track.spellings.size() > 1 ? 1 : 0;
    play.mbid = random_.uniform() >= habits_.lost_mbid;
    now_s_ += (play.played_ms + 999) / 1000 + static_cast<int64_t>(random_.below(3));
    if (random_.uniform() < 0.03) now_s_ += 60 + static_cast<int64_t>(random_.below(600));  // somebody at the door
    if (heard_at_[play.track] < 0) heard_.push_back(play.track);
    heard_at_[play.track] = static_cast<int32_t>(size());
    context_ = mixed(context_, habits_.forget, track.latent, 1.0 - habits_.forget);
    plays_.push_back(play);
  }

  /// Most who stop do so early on.
  int64_t stopped_ms(int64_t length_ms) {
    const bool early = random_.uniform() < 0.65;
    const double part = early ? 0.03 + 0.27 * random_.uniform() : 0.3 + 0.6 * random_.uniform();
    return static_cast<int64_t>(part * static_cast<double>(length_ms));
  }

  const World& world_;
  const Habits& habits_;
  const Listener& listener_;
  Random random_;
  Taste taste_;
  std::vector<Play> plays_;
  std::vector<int32_t> heard_;     // each track once
  std::vector<int32_t> heard_at_;  // place of each track's last play; -1: never
  int64_t now_s_;
  bool other_player_;      // the player knows the second spellings
  int32_t mood_ = 0;       // genre of the session
  Latent context_{};       // of the last few tracks
  int64_t followed_ = -1;  // the play in the past that is being followed; -1: none
};

}  // namespace

const char* name_of(Kind kind) {
  constexpr const char* names[kinds] = {"replay",      "recent_repeat", "old_repeat", "album",
                                        "same_artist", "genre",         "content"};
  return names[static_cast<size_t>(kind)];
}

std::vector<Play> listen(const World& world, const Habits& habits, const Listener& listener, uint64_t seed,
                         int64_t which) {
  return Walk(world, habits, listener, seed, which).go();
}

}  // namespace segue::simulation
