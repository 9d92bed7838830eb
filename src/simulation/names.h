#pragma once

#include <set>
#include <string>

#include "core/random.h"

namespace segue::simulation {

/// The letters a name is made of.
enum class Script { latin, cyrillic, greek, japanese };
Script any_script(Random& random);  // nine in ten are Latin

/// Invented names of two to three syllables a word, with the dirt of real logs: quotes, commas, ampersands, apostrophes.
std::string artist_name(Random& random, Script script);
std::string title(Random& random, Script script);
std::string place_name(Random& random);

/// `make()` until it gives a name that is not in `used`, which then holds it.
template <class Make>
std::string unused(std::set<std::string>& used, Make make) {
  for (;;) {
    std::string name = make();
    if (used.insert(name).second) return name;
  }
}

/// A version 4 UUID, as MusicBrainz has them.
std::string uuid(Random& random);

/// "spotify:track:" and 22 letters and digits.
std::string track_uri(Random& random);

/// The name as a file may be called on any file system: no characters that one of them forbids, no dot or blank at
/// its ends, none of the names that Windows keeps for itself, at most 80 bytes.
std::string file_name(const std::string& name);

}  // namespace segue::simulation
