#pragma once

#include <cstdint>
#include <vector>

#include "simulation/listeners.h"
#include "simulation/world.h"

namespace segue::simulation {

/// Why a play was chosen. The first three are repeats, the others tracks that the listener had not heard.
enum class Kind : uint8_t {
  replay,         // what came next the last time
  recent_repeat,  // out of the last 200 plays, near to what was just heard
  old_repeat,     // out of all that was ever heard, near to what was just heard
  album,          // the album's next track
  same_artist,    // by popularity
  genre,          // of the session's genre, by popularity, taste and nearness to what was just heard
  content,        // of the session's genre, by nearness alone: only content finds these
};
constexpr int kinds = 7;
const char* name_of(Kind kind);

/// The planted regularities: everything that there is to learn about plays, besides popularity.
struct Habits {
  double replay = 0.64;          // chance that a repeat is followed by what followed it the last time
  double discovery = 0.42;       // chance of a new track, else of a repeat, where nothing is replayed
  double recent = 0.35;          // share of the repeats that replay nothing: out of the last 200 plays
  double album = 0.38;           // of the discoveries
  double same_artist = 0.15;
  double genre = 0.28;           // the rest is `content`
  double stray = 0.15;           // chance that a discovery is of another genre than the session's
  double forget = 0.6;           // context = forget * context + (1 - forget) * latent of the last track
  double nearness = 7.0;         // weight of a candidate: exp(nearness * latent . context + liking * latent . taste)
  double liking = 2.0;
  double content_nearness = 12.0;
  double completion_intercept = -0.2;  // a play is complete with chance 1 / (1 + exp(-(intercept + slope * match)))
  double completion_slope = 3.2;
  double other_spelling = 0.05;  // chance that a play has not the spelling that the listener's player mostly has
  double lost_mbid = 0.02;       // chance that a play came without the track's MBID, though there is one
};

struct Play {
  int32_t track;
  int32_t spelling;        // of the track
  int64_t start_s;
  int64_t played_ms;
  Kind kind;
  bool opens_session;
  bool complete;           // else the listener went on to the next track early
  bool mbid;               // written with the track's MBID, if there is one
  float match;             // latent . taste at that time
};

/// How many seconds of silence part two sessions at least.
constexpr int64_t silence_s = 20 * 60;

/// The plays of listener number `which`, oldest first.
std::vector<Play> listen(const World& world, const Habits& habits, const Listener& listener, uint64_t seed,
                         int64_t which);

}  // namespace segue::simulation
