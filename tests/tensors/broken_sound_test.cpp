// What people have on their disks beside sound, and sound that is not whole.
#include <sys/stat.h>

#include "core/error.h"
#include "made_sound.h"

namespace segue {
namespace {

const char* refusal(const Path& file) {
  static std::string why;
  try {
    SoundReader sound(file, 22050);
    why.clear();
  } catch (const Error& error) {
    why = error.what();
  }
  return why.c_str();
}

TEST(BrokenSound, WhatIsNoFileIsRefusedAtOnce) {
  const Scratch scratch;
  EXPECT_STREQ(refusal(scratch / "gone.mp3"), ((scratch / "gone.mp3").string() + ": No such file or directory").c_str());
  EXPECT_STREQ(refusal(scratch.folder()), (scratch.folder().string() + ": is a folder; sound is read from files").c_str());
  std::filesystem::create_symlink("loop.mp3", scratch / "loop.mp3");
  EXPECT_STREQ(refusal(scratch / "loop.mp3"), ((scratch / "loop.mp3").string() + ": Too many levels of symbolic links").c_str());
  ASSERT_EQ(::mkfifo((scratch / "pipe.wav").c_str(), 0600), 0);
  EXPECT_STREQ(refusal(scratch / "pipe.wav"), ((scratch / "pipe.wav").string() + ": is a pipe; sound is read from files").c_str());
  EXPECT_STREQ(refusal("/dev/zero"), "/dev/zero: is a device; sound is read from files");
  EXPECT_STREQ(refusal(scratch.file("empty.mp3", "")), ((scratch / "empty.mp3").string() + ": is empty").c_str());
}

TEST(BrokenSound, ADiskThatFailsIsSaid) {
  // Its first page is not there to be read.
  EXPECT_STREQ(refusal("/proc/self/mem"), "/proc/self/mem: Input/output error");
}

TEST(BrokenSound, WhatHoldsNoSoundIsRefusedInOneLine) {
  const Scratch scratch;
  std::string noise;
  for (uint32_t i = 0; i < 20000; ++i) put(noise, static_cast<uint8_t>((i * 2654435761U) >> 13));
  const Path files[] = {
      scratch.file("words.txt", "la la la\n"), scratch.file("words.mp3", "la la la\n"), scratch.file("noise.mp3", noise),
      scratch.file("one.ogg", "O"),            scratch.file("head.wav", wav_of({}, "")), scratch.file("half.wav", wav_of({}, "").substr(0, 30)),
      scratch.file("words.lrc", "[00:01.00]la la\n"),
      scratch.file("rate.wav", wav_of({.rate_hz = 3}, std::string(1000, 'a')))};
  for (const auto& file : files) {
    const std::string why = refusal(file);
    EXPECT_TRUE(why.starts_with(file.string() + ": ")) << file << " " << why;
    EXPECT_EQ(why.find('\n'), std::string::npos) << why;
  }
  const auto film = scratch / "film.mp4", picture = scratch / "picture.png";
  if (!ffmpeg("-f lavfi -i testsrc=duration=1:size=64x64 " + film.string())) GTEST_SKIP() << "there is no ffmpeg program";
  ASSERT_TRUE(ffmpeg("-f lavfi -i testsrc=duration=1:size=64x64 -frames:v 1 " + picture.string()));
  EXPECT_STREQ(refusal(film), (film.string() + ": holds no sound").c_str());
  EXPECT_STRNE(refusal(picture), "");
}

TEST(BrokenSound, AListOfOtherFilesOpensNone) {
  const Scratch scratch;
  const auto wav = scratch.file("a.wav", slide_wav(2, 22050, 1));
  scratch.file("a.ts", read_file(wav));
  const Path files[] = {
      scratch.file("list.ffconcat", "ffconcat version 1.0\nfile a.wav\n"),
      scratch.file("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:2,\na.ts\n#EXT-X-ENDLIST\n"),
      scratch.file("list.m3u", wav.string() + "\n"),
      scratch.file("a.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=a\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n"),
  };
  for (const auto& file : files) EXPECT_STRNE(refusal(file), "") << file;
}

TEST(BrokenSound, AHeaderThatLiesOfItsSizeLosesNothing) {
  const Scratch scratch;
  const std::string samples = bytes_of(std::vector<int16_t>(30000, 1 << 14));
  for (const uint32_t says : {0U, 0xffffffffU, 60000U + 4096, 0x7fffffffU}) {
    SoundReader sound(scratch.file("a.wav", wav_of({}, samples, says)), 22050);
    EXPECT_EQ(all_of(sound), std::vector<float>(30000, 0.5F)) << says;
    EXPECT_EQ(sound.broken_packets(), 1) << says;  // the last, which is not whole
  }
  // What follows may be something else: it is left alone.
  EXPECT_EQ(all_of(scratch.file("a.wav", wav_of({}, samples, 20000)), 22050).size(), 10000u);
}

TEST(BrokenSound, ATruncatedFileEndsEarly) {
  const Scratch scratch;
  const auto wav = scratch.file("made.wav", slide_wav(20, 44100, 2));
  int made = 0;
  for (const char* name : {"a.mp3", "a.flac", "a.ogg", "a.opus", "a.aac"}) {
    const auto file = scratch / name;
    if (!ffmpeg("-i " + wav.string() + " " + file.string())) continue;
    ++made;
    const auto whole = all_of(file, 22050);
    const auto bytes = read_file(file);
    SoundReader cut(scratch.file(std::string("cut-") + name, bytes.substr(0, bytes.size() * 6 / 10)), 22050);
    const auto heard = all_of(cut);
    EXPECT_GT(heard.size(), whole.size() * 4 / 10) << name;
    EXPECT_LT(heard.size(), whole.size() * 8 / 10) << name;
    const size_t same = heard.size() - 22050 / 2;
    for (size_t i = 0; i < same; ++i) ASSERT_NEAR(heard[i], whole[i], 1e-6) << name << " " << i;
  }
  if (made == 0) GTEST_SKIP() << "there is no ffmpeg program";
}

TEST(BrokenSound, PacketsThatCantBeDecodedAreCountedAndPassedOver) {
  const Scratch scratch;
  const auto wav = scratch.file("made.wav", slide_wav(20, 44100, 2));
  int made = 0;
  for (const char* name : {"a.flac", "a.ogg", "a.m4a"}) {
    const auto file = scratch / name;
    if (!ffmpeg("-i " + wav.string() + " " + file.string())) continue;
    ++made;
    auto bytes = read_file(file);
    for (size_t i = bytes.size() / 3; i < bytes.size() / 2; ++i) bytes[i] = static_cast<char>((i * 2654435761U) >> 17);
    SoundReader sound(scratch.file(std::string("hole-") + name, bytes), 22050);
    const auto heard = all_of(sound);
    EXPECT_GT(heard.size(), 22050u * 13) << name;
    EXPECT_GT(sound.broken_packets() + (std::string_view(name) == "a.ogg" ? 1 : 0), 0) << name;  // Ogg's pages are looked for
    for (const float sample : heard) ASSERT_TRUE(std::isfinite(sample)) << name;
  }
  if (made == 0) GTEST_SKIP() << "there is no ffmpeg program";
}

TEST(BrokenSound, AFileThatIsRemovedIsReadToItsEnd) {
  const Scratch scratch;
  const auto file = scratch.file("a.wav", slide_wav(30, 44100, 2));
  const auto whole = all_of(file, 22050);
  SoundReader sound(file, 22050);
  std::vector<float> first(22050);
  ASSERT_EQ(sound.read(first), first.size());
  std::filesystem::remove(file);
  const auto rest = all_of(sound);
  EXPECT_EQ(first.size() + rest.size(), whole.size());
  EXPECT_TRUE(std::equal(rest.begin(), rest.end(), whole.begin() + std::ssize(first)));
  EXPECT_TRUE(sound.skip_to(3));
}

TEST(BrokenSound, AFileThatIsCutWhileItIsReadEndsEarly) {
  const Scratch scratch;
  const auto file = scratch.file("a.wav", slide_wav(30, 44100, 2));
  SoundReader sound(file, 22050);
  std::vector<float> first(22050);
  ASSERT_EQ(sound.read(first), first.size());
  std::filesystem::resize_file(file, 5'000'000);
  EXPECT_NEAR(static_cast<double>(all_of(sound).size()) / 22050, 5'000'000.0 / 44100 / 8 - 1, 0.1);
}

TEST(BrokenSound, TenHoursOfSilenceTakeLittleMemory) {
  const Scratch scratch;
  const auto file = scratch.file("a.wav", wav_of({.rate_hz = 8000}, "", 10U * 3600 * 8000 * 2));
  std::filesystem::resize_file(file, 44 + 10LL * 3600 * 8000 * 2);
  int64_t samples = 0;
  const auto kib = peak_kib([&] {
    SoundReader sound(file, 8000);
    std::vector<float> block(1 << 16);
    for (size_t got = 1; got > 0; samples += static_cast<int64_t>(got)) got = sound.read(block);
  });
  EXPECT_EQ(samples, 10LL * 3600 * 8000);
  EXPECT_LT(kib, 32 << 10);  // of 1.1 GB that it unpacks to; opening the first file takes some of it
}

TEST(BrokenSound, APictureInFrontTakesNoMemory) {
  const Scratch scratch;
  const auto wav = scratch.file("made.wav", slide_wav(3, 44100, 2));
  if (!ffmpeg("-i " + wav.string() + " -id3v2_version 0 " + (scratch / "a.mp3").string())) GTEST_SKIP() << "there is no ffmpeg program";
  constexpr uint32_t picture = 50 << 20, frame = picture + 14, tag = frame + 10;
  const auto safe = [](uint32_t size) {
    std::string bytes;
    for (const int shift : {21, 14, 7, 0}) bytes += static_cast<char>(size >> shift & 0x7f);
    return bytes;
  };
  std::string bytes = std::string("ID3\4\0\0", 6) + safe(tag) + "APIC" + safe(frame) + std::string(2, '\0');
  bytes += std::string("\0image/jpeg\0\3\0", 14) + "\xff\xd8\xff" + std::string(picture - 3, 'x');
  const auto file = scratch.file("b.mp3", bytes + read_file(scratch / "a.mp3"));
  bytes.clear();
  bytes.shrink_to_fit();
  std::vector<float> heard;
  EXPECT_LT(peak_kib([&] { heard = all_of(file, 22050); }), 24 << 10);
  EXPECT_EQ(heard, all_of(scratch / "a.mp3", 22050));
}

}  // namespace
}  // namespace segue
