#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/world.h"

namespace segue::simulation {

constexpr int sample_rate_hz = 16000;

/// A few seconds of a track, synthesised: plucked notes over a pulse. Tempo, register, brightness and noise are the
/// genre's, bent by the sound block of the latent; the shared block chooses chord, tremolo and how long notes ring.
std::vector<int16_t> sound(const Track& track, double seconds, Random random);

struct Tags {
  std::string artist, album, title;
};

/// Mono 16-bit PCM; the tags stand in a LIST chunk after the samples.
std::string wav(const std::vector<int16_t>& samples, const Tags& tags);

}  // namespace segue::simulation
