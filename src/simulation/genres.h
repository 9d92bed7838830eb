#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace segue::simulation {

/// How a genre sounds and what it sings of. The numbers are planted: sound.h and lyrics.h follow them.
struct Genre {
  std::string_view name;
  double tempo_bpm;
  double root_hz;                       // of its lowest note
  double brightness;                    // amplitude of each harmonic over the one below
  double noise;                         // share of noise in the sound
  std::vector<std::string_view> words;  // more frequent in its lyrics than elsewhere
};

std::span<const Genre> genres();

/// What songs of any genre are about; the words block of a track's latent chooses among them.
std::span<const std::vector<std::string_view>> topics();

/// Words of every song.
std::span<const std::string_view> common_words();

}  // namespace segue::simulation
