#include "audio/sound_reader.h"

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "made_sound.h"

namespace segue {
namespace {

double furthest(const std::vector<float>& one, const std::vector<float>& other, size_t from, size_t until) {
  double far = 0;
  for (size_t i = from; i < until; ++i) far = std::max<double>(far, std::abs(one.at(i) - other.at(i)));
  return far;
}

TEST(SoundReader, GivesThePlainMeanOfAllChannels) {
  const Scratch scratch;
  std::vector<float> samples;
  for (int n = 0; n < 1000; ++n) {
    for (int c = 0; c < 8; ++c) samples.push_back(static_cast<float>(c == n % 8 ? 0.8 : 0));
  }
  const auto file = scratch.file("a.wav", wav_of({.rate_hz = 48000, .channels = 8, .bits = 32, .real = true}, bytes_of(samples)));
  SoundReader sound(file, 48000);
  EXPECT_EQ(sound.format().container, "wav");
  EXPECT_EQ(sound.format().codec, "pcm_f32le");
  EXPECT_EQ(sound.format().channels, 8);
  EXPECT_EQ(sound.format().sample_rate_hz, 48000);
  EXPECT_NEAR(sound.format().seconds, 1000 / 48000.0, 1e-6);
  const auto heard = all_of(sound);
  ASSERT_EQ(heard.size(), 1000u);
  for (const float sample : heard) EXPECT_NEAR(sample, 0.1, 1e-7);
}

TEST(SoundReader, DividesIntegersByTheirLargest) {
  const Scratch scratch;
  const std::vector<std::pair<int, std::string>> kinds{
      {8, std::string(100, '\xc0')},  // 64 above the middle
      {16, bytes_of(std::vector<int16_t>(100, 1 << 14))},
      {32, bytes_of(std::vector<int32_t>(100, 1 << 30))},
      {24, [] { std::string all; for (int i = 0; i < 100; ++i) all += std::string("\0\0\x40", 3); return all; }()},
  };
  for (const auto& [bits, samples] : kinds) {
    const auto heard = all_of(scratch.file("a.wav", wav_of({.bits = bits}, samples)), 22050);
    EXPECT_EQ(heard, std::vector<float>(100, 0.5F)) << bits;
  }
}

TEST(SoundReader, KeepsATonesPlaceAndLoudnessAtAnotherRate) {
  const Scratch scratch;
  for (const auto& [rate, channels] : {std::pair{8000, 1}, {22050, 2}, {44100, 2}, {48000, 6}, {96000, 1}, {192000, 8}}) {
    const auto samples = tone(440, 2, rate, channels);
    const auto file = scratch.file("a.wav", wav_of({.rate_hz = rate, .channels = channels, .bits = 32, .real = true}, bytes_of(samples)));
    for (const int to : {16000, 22050, 24000, 32000}) {
      const auto heard = all_of(file, to);
      EXPECT_NEAR(static_cast<double>(heard.size()), 2.0 * to, 2) << rate << " to " << to;
      EXPECT_LT(furthest(heard, tone(440, 2, to), 1000, heard.size() - 1000), 2e-4) << rate << " to " << to;
    }
  }
}

TEST(SoundReader, LetsNothingThroughThatTheRateCantHold) {
  const Scratch scratch;
  const auto file = scratch.file("a.wav", wav_of({.rate_hz = 44100, .bits = 32, .real = true}, bytes_of(tone(13000, 2, 44100))));
  const auto heard = all_of(file, 22050);
  EXPECT_LT(furthest(heard, std::vector<float>(heard.size()), 1000, heard.size() - 1000), 1e-4);
}

TEST(SoundReader, ReadsAlikeInPiecesOfAnySize) {
  const Scratch scratch;
  const auto file = scratch.file("a.wav", slide_wav(3, 44100, 2));
  const auto whole = all_of(file, 16000);
  for (const size_t piece : {1, 7, 1000, 100000}) {
    SoundReader sound(file, 16000);
    EXPECT_EQ(all_of(sound, piece), whole) << piece;
    std::vector<float> more(10);
    EXPECT_EQ(sound.read(more), 0u);
  }
}

TEST(SoundReader, MakesNoNumbersSilentAndCountsThem) {
  const Scratch scratch;
  auto samples = tone(440, 1, 22050, 2);
  samples[100] = std::numeric_limits<float>::quiet_NaN();
  samples[2001] = std::numeric_limits<float>::infinity();
  samples[3000] = 1e20F;
  const auto file = scratch.file("a.wav", wav_of({.channels = 2, .bits = 32, .real = true}, bytes_of(samples)));
  for (const int rate : {22050, 16000}) {
    SoundReader sound(file, rate);
    const auto heard = all_of(sound);
    EXPECT_EQ(sound.broken_samples(), 3);
    for (const float sample : heard) ASSERT_LE(std::abs(sample), 1);
    if (rate != 22050) continue;
    EXPECT_EQ(heard[50], 0);
    EXPECT_EQ(heard[1000], 0);
    EXPECT_EQ(heard[1500], 0);
    EXPECT_EQ(heard[1001], samples[2002]);
  }
}

struct Codec {
  const char* name;
  const char* arguments;  // of ffmpeg
  double tolerance;       // of samples after a jump
};

const Codec codecs[] = {
    {"a.wav", "-c:a pcm_s16le", 0},
    {"a.flac", "-c:a flac", 0},
    {"a.mp3", "-c:a libmp3lame -b:a 128k", 1e-5},
    {"vbr.mp3", "-c:a libmp3lame -q:a 4", 1e-5},
    {"a.ogg", "-c:a libvorbis -q:a 4", 0},
    {"a.m4a", "-c:a aac -b:a 128k", 1e-4},
    {"a.aac", "-c:a aac -b:a 128k", 1e-4},
    {"a.opus", "-c:a libopus -b:a 96k", 1e-3},
    {"flac.oga", "-c:a flac -f ogg", 0},
    {"a.mka", "-c:a libvorbis", 0},
    {"a.wma", "-c:a wmav2", 0},
    {"a.ac3", "-c:a ac3", 0},
};

TEST(SoundReader, SkipsToTheVerySample) {
  const Scratch scratch;
  const auto wav = scratch.file("made.wav", slide_wav(40, 44100, 2));
  int made = 0;
  for (const auto& codec : codecs) {
    const auto file = scratch / codec.name;
    if (!ffmpeg("-i " + wav.string() + " " + codec.arguments + " " + file.string())) continue;
    ++made;
    for (const int rate : {16000, 22050, 44100}) {
      const auto whole = all_of(file, rate);
      ASSERT_GT(whole.size(), 39u * static_cast<size_t>(rate)) << codec.name;
      SoundReader sound(file, rate);
      for (const double seconds : {0.0, 0.3, 7.123, 30.0, 12.3456, 38.5, 1.0}) {
        ASSERT_TRUE(sound.skip_to(seconds)) << codec.name << " " << seconds;
        std::vector<float> window(static_cast<size_t>(rate / 2));
        ASSERT_EQ(sound.read(window), window.size());
        const auto at = std::llround(seconds * rate);
        const std::vector<float> wanted(whole.begin() + at, whole.begin() + at + std::ssize(window));
        EXPECT_LE(furthest(window, wanted, 0, window.size()), codec.tolerance) << codec.name << " " << rate << " " << seconds;
      }
      EXPECT_FALSE(sound.skip_to(50)) << codec.name;
      EXPECT_FALSE(sound.skip_to(40000)) << codec.name;
      EXPECT_TRUE(sound.skip_to(10)) << codec.name;
    }
  }
  if (made == 0) GTEST_SKIP() << "there is no ffmpeg program";
}

TEST(SoundReader, FollowsAChangeOfRateAndChannels) {
  const Scratch scratch;
  const auto one = scratch.file("one.wav", wav_of({.rate_hz = 44100, .channels = 2, .bits = 32, .real = true}, bytes_of(tone(440, 4, 44100, 2))));
  const auto other = scratch.file("other.wav", wav_of({.rate_hz = 24000, .channels = 1, .bits = 32, .real = true}, bytes_of(tone(440, 4, 24000))));
  const auto joined = [&](const char* arguments, const std::string& kind) -> Path {
    const auto first = scratch / ("one" + kind), second = scratch / ("other" + kind);
    if (!ffmpeg("-i " + one.string() + " " + arguments + " " + first.string())) return {};
    if (!ffmpeg("-i " + other.string() + " " + arguments + " " + second.string())) return {};
    return scratch.file("joined" + kind, read_file(first) + read_file(second));
  };
  const std::vector files{joined("-c:a libmp3lame", ".mp3"), joined("-c:a flac -f ogg", ".oga")};
  for (const auto& file : files) {
    if (file.empty()) continue;
    SoundReader sound(file, 22050);
    const auto heard = all_of(sound);
    EXPECT_NEAR(static_cast<double>(heard.size()) / 22050, 8, 0.15) << file;
    int64_t loud = 0;
    for (const float sample : heard) loud += std::abs(sample) > 0.25F ? 1 : 0;
    EXPECT_NEAR(static_cast<double>(loud) / static_cast<double>(heard.size()), 2.0 / 3, 0.03) << file;
    SoundReader again(file, 22050);
    ASSERT_TRUE(again.skip_to(6));
    EXPECT_TRUE(again.skip_to(1));
    EXPECT_FALSE(again.skip_to(9));
  }
  if (files[0].empty() && files[1].empty()) GTEST_SKIP() << "there is no ffmpeg program";
}

TEST(SoundReader, ReadsWhatOnlyTheOtherLibraryOpens) {
  const Scratch scratch;
  std::string bytes;  // HTK's: samples, hundreds of nanoseconds of each, bytes of each, their kind; the high byte first
  for (const uint32_t number : {8000U, 1250U, 2U << 16}) put(bytes, __builtin_bswap32(number));
  for (int n = 0; n < 8000; ++n) bytes += std::string("\x20\0", 2);
  const auto file = scratch.file("a.htk", bytes);
  SoundReader sound(file, 8000);
  EXPECT_EQ(sound.format().container, "htk");
  EXPECT_EQ(sound.format().sample_rate_hz, 8000);
  EXPECT_EQ(sound.format().channels, 1);
  EXPECT_EQ(sound.format().seconds, 1);
  EXPECT_EQ(all_of(sound), std::vector<float>(8000, 0.25F));
  EXPECT_TRUE(sound.skip_to(0.5));
  EXPECT_EQ(all_of(sound).size(), 4000u);
}

/// Some of a folder of music that an environment variable names.
std::vector<Path> real_music(size_t most) {
  std::vector<Path> all, some;
  const char* folder = std::getenv("SEGUE_MUSIC");
  if (folder == nullptr) return some;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const auto kind = entry.path().extension();
    if (kind == ".ogg" || kind == ".mp3" || kind == ".opus" || kind == ".flac" || kind == ".m4a") all.push_back(entry.path());
  }
  std::sort(all.begin(), all.end());
  for (size_t i = 0; i < std::min(most, all.size()); ++i) some.push_back(all[i * all.size() / std::min(most, all.size())]);
  return some;
}

TEST(SoundReader, SkipsInRealMusicToTheVerySample) {
  const auto files = real_music(25);
  if (files.empty()) GTEST_SKIP() << "SEGUE_MUSIC names no folder of music";
  for (const auto& file : files) {
    SoundReader linear(file, 16000), sound(file, 16000);
    const auto whole = all_of(linear);
    const double seconds = static_cast<double>(whole.size()) / 16000;
    EXPECT_NEAR(seconds, sound.format().seconds, 0.2) << file;
    EXPECT_LE(linear.broken_packets(), 1) << file;
    for (const double part : {0.2, 0.5, 0.95, 0.4}) {
      ASSERT_TRUE(sound.skip_to(part * seconds)) << file;
      std::vector<float> window(8000);
      window.resize(sound.read(window));
      const auto at = std::llround(part * seconds * 16000);
      ASSERT_LE(at + std::ssize(window), std::ssize(whole)) << file;
      const std::vector<float> wanted(whole.begin() + at, whole.begin() + at + std::ssize(window));
      EXPECT_LE(furthest(window, wanted, 0, window.size()), file.extension() == ".opus" ? 2e-3 : 1e-5) << file << " " << part;
    }
  }
}

TEST(SoundReader, ReadsRealOggFilesThatOneLibraryRefuses) {
  const char* folder = std::getenv("SEGUE_MUSIC");
  const Path music = folder == nullptr ? Path() : Path(folder) / "hyperrogue-music/music";
  if (!std::filesystem::exists(music)) GTEST_SKIP() << "SEGUE_MUSIC names no folder with hyperrogue-music";
  for (const char* name : {"caribbean", "ivory", "ocean"}) {
    SoundReader sound(music / fmt::format("hr-savino-{}.ogg", name), 22050);
    EXPECT_EQ(sound.format().codec, "vorbis");
    EXPECT_NEAR(static_cast<double>(all_of(sound).size()) / 22050, sound.format().seconds, 0.01) << name;
  }
}

}  // namespace
}  // namespace segue
