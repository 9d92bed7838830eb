#include "simulation/sound.h"

#include <gtest/gtest.h>

#include <cmath>

#include "simulation/genres.h"
#include "tiny_world.h"

namespace segue::simulation {
namespace {

/// Two things that need no transform: how often the sign changes, and how much the samples jump against their size.
std::array<double, 2> heard(const std::vector<int16_t>& samples) {
  double crossings = 0, jumps = 0, size = 1;
  for (size_t i = 1; i < samples.size(); ++i) {
    crossings += (samples[i] < 0) != (samples[i - 1] < 0);
    jumps += std::abs(samples[i] - samples[i - 1]);
    size += std::abs(samples[i]);
  }
  return {std::log(1.0 + crossings / samples.size()), std::log(1.0 + jumps / size)};
}

std::vector<int16_t> sound_of(int32_t track) {
  return sound(whole_world().world.tracks[track], 1.0, random_of(1, Stream::sound, track));
}

TEST(Sound, GenresAreToldApartByATrivialStatistic) {
  std::vector<std::array<double, 2>> mean(genres().size());
  const auto& of_genre = whole_world().world.of_genre;
  for (size_t g = 0; g < genres().size(); ++g) {
    for (int i = 0; i < 12; ++i) {
      const auto one = heard(sound_of(of_genre[g][i]));
      for (int k = 0; k < 2; ++k) mean[g][k] += one[k] / 12;
    }
  }
  int right = 0, all = 0;
  for (size_t g = 0; g < genres().size(); ++g) {
    for (int i = 12; i < 24; ++i, ++all) {
      const auto one = heard(sound_of(of_genre[g][i]));
      size_t nearest = 0;
      const auto far = [&](size_t other) { return std::hypot(one[0] - mean[other][0], one[1] - mean[other][1]); };
      for (size_t other = 1; other < genres().size(); ++other) nearest = far(other) < far(nearest) ? other : nearest;
      right += nearest == g;
    }
  }
  EXPECT_GT(1.0 * right / all, 0.5) << "chance is 0.125";
}

TEST(Sound, IsLoudEnoughAndHardlyClipped) {
  for (int32_t track = 0; track < 3000; track += 97) {
    const auto samples = sound_of(track);
    EXPECT_EQ(samples.size(), 16000u);
    int64_t clipped = 0, loud = 0;
    for (const int16_t sample : samples) {
      clipped += std::abs(sample) == 32767;
      loud += std::abs(sample) > 1000;
    }
    EXPECT_LT(clipped, 160);
    EXPECT_GT(loud, 800);
  }
}

uint32_t number_at(const std::string& bytes, size_t at, int count) {
  uint32_t value = 0;
  for (int i = 0; i < count; ++i) value |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return value;
}

TEST(Wav, HasAHeaderThatSaysWhatFollows) {
  const std::string bytes = wav({1, -2, 3}, {"A", "Album", "Ti"});
  EXPECT_EQ(bytes.substr(0, 4), "RIFF");
  EXPECT_EQ(number_at(bytes, 4, 4), bytes.size() - 8);
  EXPECT_EQ(bytes.substr(8, 8), "WAVEfmt ");
  EXPECT_EQ(number_at(bytes, 20, 2), 1u);      // PCM
  EXPECT_EQ(number_at(bytes, 22, 2), 1u);      // mono
  EXPECT_EQ(number_at(bytes, 24, 4), 16000u);  // Hz
  EXPECT_EQ(number_at(bytes, 34, 2), 16u);     // bits
  EXPECT_EQ(bytes.substr(36, 4), "data");
  EXPECT_EQ(number_at(bytes, 40, 4), 6u);
  EXPECT_EQ(number_at(bytes, 46, 2), 0xfffeu);
  EXPECT_EQ(bytes.substr(50, 4), "LIST");
  EXPECT_EQ(number_at(bytes, 54, 4), bytes.size() - 58);
  EXPECT_NE(bytes.find(std::string("INAM\3\0\0\0Ti\0\0", 12)), std::string::npos);
}

}  // namespace
}  // namespace segue::simulation
