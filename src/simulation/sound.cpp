#include "simulation/sound.h"

#include <algorithm>
#include <array>
#include <numbers>

#include "simulation/genres.h"

namespace segue::simulation {
namespace {

constexpr int harmonics = 8;

/// Sine of a phase in 2^32nds of a turn. Rounded to 16 bits, hence the same with every C library.
int32_t sine(uint32_t phase) {
  static const std::vector<int16_t> table = [] {
    std::vector<int16_t> turn(4096);
    for (size_t i = 0; i < turn.size(); ++i) {
      const double angle = 2.0 * std::numbers::pi * static_cast<double>(i) / 4096.0;
      turn[i] = static_cast<int16_t>(std::lround(32767.0 * std::sin(angle)));
    }
    return turn;
  }();
  return table[phase >> 20];
}

uint32_t step_of(double hz) { return static_cast<uint32_t>(static_cast<int64_t>(hz / sample_rate_hz * 0x1p32)); }

/// What is played, worked out from the genre and the latent.
struct Recipe {
  double beat_s, root_hz, brightness, noise, ring_s, tremolo;
  bool minor;
};

Recipe recipe_of(const Track& track) {
  const Genre& genre = genres()[track.genre];
  const Latent& z = track.latent;
  const auto bent = [&](double value, int at, double by) { return value * (1.0 + by * std::clamp(2.0 * z[at], -1.0, 1.0)); };
  return {.beat_s = 60.0 / bent(genre.tempo_bpm, sound_block, 0.12),
          .root_hz = bent(genre.root_hz, sound_block + 1, 0.25),
          .brightness = std::min(0.95, bent(genre.brightness, sound_block + 2, 0.35)),
          .noise = bent(genre.noise, sound_block + 3, 0.6),
          .ring_s = bent(0.5, shared_block, 0.5),
          .tremolo = bent(0.3, shared_block + 1, 0.9),
          .minor = z[shared_block + 2] < 0.0f};
}

/// Adds one plucked note to the sound.
void pluck(std::vector<double>& sound, int64_t from, double hz, const Recipe& recipe) {
  std::array<double, harmonics> loudness;
  double amplitude = 1.0, total = 0.0;
  for (double& one : loudness) {
    one = amplitude;
    total += amplitude;
    amplitude *= recipe.brightness;
  }
  const uint32_t step = step_of(hz);
  const int heard = std::clamp(static_cast<int>(sample_rate_hz / 2 / hz), 1, harmonics);  // below half the sample rate
  const int64_t length = static_cast<int64_t>(recipe.ring_s * sample_rate_hz);
  const int64_t until = std::min<int64_t>(static_cast<int64_t>(sound.size()), from + length);
  for (int64_t i = from; i < until; ++i) {
    const int64_t at = i - from;
    const double fade = 1.0 - static_cast<double>(at) / static_cast<double>(length);
    const double attack = std::min(1.0, static_cast<double>(at) / 80.0);
    double wave = 0.0;
    const uint32_t phase = step * static_cast<uint32_t>(at);
    for (int h = 0; h < heard; ++h) wave += loudness[h] * sine(phase * static_cast<uint32_t>(h + 1));
    sound[i] += wave / total * fade * fade * attack;
  }
}

/// A burst of noise on the beat, over a floor of it.
void hiss(std::vector<double>& sound, const Recipe& recipe, Random& random) {
  const int64_t beat = static_cast<int64_t>(recipe.beat_s * sample_rate_hz);
  for (size_t i = 0; i < sound.size(); ++i) {
    const double since = static_cast<double>(static_cast<int64_t>(i) % beat) / static_cast<double>(beat);
    const double burst = since < 0.25 ? 1.0 - 4.0 * since : 0.0;
    sound[i] += recipe.noise * (0.3 + burst) * 32767.0 * (2.0 * random.uniform() - 1.0);
  }
}

}  // namespace

std::vector<int16_t> sound(const Track& track, double seconds, Random random) {
  // Semitones as ratios, from the root: minor or major pentatonic over an octave.
  constexpr std::array<double, 6> minor = {1.0, 1.189207, 1.334840, 1.498307, 1.781797, 2.0};
  constexpr std::array<double, 6> major = {1.0, 1.122462, 1.259921, 1.498307, 1.681793, 2.0};
  const Recipe recipe = recipe_of(track);
  const auto& scale = recipe.minor ? minor : major;
  std::vector<double> mix(static_cast<size_t>(seconds * sample_rate_hz), 0.0);
  const int64_t half_beat = static_cast<int64_t>(recipe.beat_s / 2.0 * sample_rate_hz);
  int64_t note = 0;
  for (int64_t from = 0; from < static_cast<int64_t>(mix.size()); from += half_beat, ++note) {
    if (note % 4 == 0) pluck(mix, from, recipe.root_hz, recipe);
    pluck(mix, from, recipe.root_hz * scale[random.below(scale.size())], recipe);
  }
  hiss(mix, recipe, random);
  const uint32_t slow = step_of(5.0);
  std::vector<int16_t> samples;
  for (size_t i = 0; i < mix.size(); ++i) {
    const double swing = 1.0 - recipe.tremolo * (0.5 + sine(slow * static_cast<uint32_t>(i)) / 65534.0);
    samples.push_back(static_cast<int16_t>(std::clamp(0.3 * mix[i] * swing, -32767.0, 32767.0)));
  }
  return samples;
}

namespace {

void put(std::string& bytes, uint32_t value, int count) {  // little-endian
  for (int i = 0; i < count; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xff);
}

std::string chunk(const char* id, const std::string& body) {
  std::string bytes = id;
  put(bytes, static_cast<uint32_t>(body.size()), 4);
  bytes += body;
  if (body.size() % 2 == 1) bytes += '\0';
  return bytes;
}

}  // namespace

std::string wav(const std::vector<int16_t>& samples, const Tags& tags) {
  std::string format, data;
  put(format, 1, 2);  // PCM
  put(format, 1, 2);  // one channel
  put(format, sample_rate_hz, 4);
  put(format, sample_rate_hz * 2, 4);  // bytes a second
  put(format, 2, 2);                   // bytes a sample
  put(format, 16, 2);                  // bits a sample
  for (const int16_t sample : samples) put(data, static_cast<uint16_t>(sample), 2);
  const auto text = [](const char* id, const std::string& value) { return chunk(id, value + '\0'); };
  const std::string info = "INFO" + text("IART", tags.artist) + text("IPRD", tags.album) + text("INAM", tags.title);
  return chunk("RIFF", "WAVE" + chunk("fmt ", format) + chunk("data", data) + chunk("LIST", info));
}

}  // namespace segue::simulation
