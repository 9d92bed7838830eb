#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <numbers>
#include <string>
#include <vector>

#include "audio/sound_reader.h"
#include "support/scratch.h"

namespace segue {

static_assert(std::endian::native == std::endian::little);

template <class Number>
void put(std::string& bytes, Number number) {
  char raw[sizeof number];
  std::memcpy(raw, &number, sizeof number);
  bytes.append(raw, sizeof number);
}

/// What stands before the samples of a WAV file.
struct WavHeader {
  int rate_hz = 22050, channels = 1, bits = 16;
  bool real = false;  // numbers with a fraction
};

/// The samples' bytes behind a header that says there are `says` of them.
inline std::string wav_of(const WavHeader& header, std::string_view samples, uint32_t says) {
  const auto block = static_cast<uint16_t>(header.channels * header.bits / 8);
  std::string bytes = "RIFF";
  put(bytes, static_cast<uint32_t>(36 + says));
  bytes += "WAVEfmt ";
  put<uint32_t>(bytes, 16);
  put<uint16_t>(bytes, header.real ? 3 : 1);
  put(bytes, static_cast<uint16_t>(header.channels));
  put(bytes, static_cast<uint32_t>(header.rate_hz));
  put(bytes, static_cast<uint32_t>(header.rate_hz * block));
  put(bytes, block);
  put(bytes, static_cast<uint16_t>(header.bits));
  bytes += "data";
  put(bytes, says);
  return bytes.append(samples);
}

inline std::string wav_of(const WavHeader& header, std::string_view samples) {
  return wav_of(header, samples, static_cast<uint32_t>(samples.size()));
}

template <class Sample>
std::string bytes_of(const std::vector<Sample>& samples) {
  return {reinterpret_cast<const char*>(samples.data()), samples.size() * sizeof(Sample)};
}

/// A tone of half the loudness in every channel.
inline std::vector<float> tone(double hz, double seconds, int rate_hz, int channels = 1) {
  std::vector<float> samples;
  for (int64_t n = 0; n < static_cast<int64_t>(seconds * rate_hz); ++n) {
    const double value = 0.5 * std::sin(2 * std::numbers::pi * hz * static_cast<double>(n) / rate_hz);
    samples.insert(samples.end(), static_cast<size_t>(channels), static_cast<float>(value));
  }
  return samples;
}

/// A tone that slides, so that every place in it sounds like no other.
inline std::string slide_wav(double seconds, int rate_hz, int channels) {
  std::vector<float> samples;
  for (int64_t n = 0; n < static_cast<int64_t>(seconds * rate_hz); ++n) {
    const double t = static_cast<double>(n) / rate_hz;
    const auto value = static_cast<float>(0.4 * std::sin(2 * std::numbers::pi * (200 + 60 * t) * t) + 0.2 * std::sin(700 * t * t));
    for (int c = 0; c < channels; ++c) samples.push_back(c % 2 == 0 ? value : 0.5F * value);
  }
  return wav_of({.rate_hz = rate_hz, .channels = channels, .bits = 32, .real = true}, bytes_of(samples));
}

inline std::vector<float> all_of(SoundReader& sound, size_t at_a_time = 10000) {
  std::vector<float> samples, block(at_a_time);
  for (size_t got = at_a_time; got == at_a_time;) {
    got = sound.read(block);
    samples.insert(samples.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(got));
  }
  return samples;
}

inline std::vector<float> all_of(const Path& file, int rate_hz) {
  SoundReader sound(file, rate_hz);
  return all_of(sound);
}

/// Whether the program ffmpeg made something of its arguments; false where it, or a codec, is not there.
inline bool ffmpeg(const std::string& arguments) {
  return std::system(("ffmpeg -v quiet -nostdin -y " + arguments + " > /dev/null 2>&1").c_str()) == 0;
}

inline int64_t kib_of(const char* key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key)) return std::stoll(line.substr(std::strlen(key)));
  }
  return -1;
}

/// How many KiB more than before `run` stood in memory at once.
template <class Run>
int64_t peak_kib(const Run& run) {
  std::ofstream("/proc/self/clear_refs") << 5;  // the peak is what is there now
  const auto before = kib_of("VmRSS:");
  run();
  return kib_of("VmHWM:") - before;
}

}  // namespace segue
