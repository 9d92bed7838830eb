#include "audio/tags.h"

#include <sys/stat.h>

#include "core/console.h"
#include "core/error.h"
#include "made_sound.h"

namespace segue {
namespace {

std::string big_endian(uint32_t number) {
  std::string bytes;
  put(bytes, __builtin_bswap32(number));
  return bytes;
}

/// Seven bits a byte.
std::string safe(size_t size) {
  std::string bytes;
  for (const int shift : {21, 14, 7, 0}) bytes += static_cast<char>(size >> shift & 0x7f);
  return bytes;
}

struct Frame {
  const char* name;
  std::string content;
};

std::string id3_of(const std::vector<Frame>& frames) {
  std::string all;
  for (const auto& [name, content] : frames) all += name + safe(content.size()) + std::string(2, '\0') + content;
  return std::string("ID3\4\0\0", 6) + safe(all.size()) + all;
}

/// In UTF-8, as ID3v2.4 marks it.
std::string words(std::string_view text) { return "\3" + std::string(text); }

/// 26 frames of silence, 128 kbit/s at 44,100 Hz: 0.68 s.
std::string silent_mp3() {
  std::string frame("\xff\xfb\x90\x00", 4), all;
  frame.resize(417);
  for (int i = 0; i < 26; ++i) all += frame;
  return all;
}

std::string comments_of(const std::vector<std::string>& lines) {
  std::string all;
  put<uint32_t>(all, 4);
  all += "test";
  put(all, static_cast<uint32_t>(lines.size()));
  for (const auto& line : lines) {
    put(all, static_cast<uint32_t>(line.size()));
    all += line;
  }
  return all;
}

/// A FLAC file of 2 s at 44,100 Hz that holds no frame.
std::string flac_of(const std::vector<std::string>& lines) {
  const auto comments = comments_of(lines);
  std::string info("\x10\0\x10\0\0\0\0\0\0\0\x0a\xc4\x42\xf0", 14);
  info += big_endian(88200) + std::string(16, '\0');
  return "fLaC" + big_endian(34) + info + big_endian(0x84000000U | static_cast<uint32_t>(comments.size())) + comments;
}

TEST(Tags, OfId3) {
  const Scratch scratch;
  const std::string txxx = "\3MusicBrainz Release Track Id";
  const auto file = scratch.file("a.mp3", id3_of({
      {"TIT2", words("Ton \u00fcber Ton")}, {"TPE1", words("Ann")}, {"TPE2", words("Ann & Bob")}, {"TALB", words(" Album ")},
      {"TSRC", words("DEA123456789")},
      {"UFID", std::string("http://musicbrainz.org\0", 23) + "0b1c2d3e-0000-1111-2222-333344445555"},
      {"TXXX", txxx + '\0' + "aaaaaaaa-0000-1111-2222-333344445555"},
      {"USLT", std::string("\3deu\0", 5) + "Erste Zeile\r\nzweite\rdritte"}}) + silent_mp3());
  const auto tags = read_tags(file);
  EXPECT_EQ(tags.title, "Ton \u00fcber Ton");
  EXPECT_EQ(tags.artist, "Ann");
  EXPECT_EQ(tags.album_artist, "Ann & Bob");
  EXPECT_EQ(tags.album, "Album");
  EXPECT_EQ(tags.isrc, "DEA123456789");
  EXPECT_EQ(tags.recording_mbid, "0b1c2d3e-0000-1111-2222-333344445555");
  EXPECT_EQ(tags.track_mbid, "aaaaaaaa-0000-1111-2222-333344445555");
  EXPECT_EQ(tags.lyrics, "Erste Zeile\nzweite\ndritte");
  EXPECT_EQ(tags.language, "deu");
  EXPECT_NEAR(tags.seconds, 26 * 1152 / 44100.0, 0.03);
}

TEST(Tags, OfVorbisComments) {
  const Scratch scratch;
  const auto file = scratch.file("a.flac", flac_of({"title=One", "ARTIST=Ann", "ARTIST=Bob", "AlbumArtist=Various", "ALBUM=Al",
                                                    "MUSICBRAINZ_TRACKID=r", "MUSICBRAINZ_RELEASETRACKID=t", "ISRC=i1", "ISRC=i2",
                                                    "LANGUAGE=eng", "UNSYNCEDLYRICS=la la"}));
  const auto tags = read_tags(file);
  EXPECT_EQ(tags.title, "One");
  EXPECT_EQ(tags.artist, "Ann, Bob");
  EXPECT_EQ(tags.album_artist, "Various");
  EXPECT_EQ(tags.album, "Al");
  EXPECT_EQ(tags.recording_mbid, "r");
  EXPECT_EQ(tags.track_mbid, "t");
  EXPECT_EQ(tags.isrc, "i1");
  EXPECT_EQ(tags.language, "eng");
  EXPECT_EQ(tags.lyrics, "la la");
  EXPECT_EQ(tags.seconds, 2);
  EXPECT_EQ(read_tags(scratch.file("b.flac", flac_of({"LYRICS=first", "UNSYNCEDLYRICS=second"}))).lyrics, "first");
}

TEST(Tags, OfWhatTheProgramFfmpegWrites) {
  const Scratch scratch;
  const auto wav = scratch.file("made.wav", slide_wav(3, 44100, 1));
  int made = 0;
  for (const char* name : {"a.m4a", "a.ogg", "a.opus", "a.flac", "a.mp3"}) {
    const auto file = scratch / name;
    if (!ffmpeg("-i " + wav.string() + " -metadata title=One -metadata artist=Ann -metadata album=Al -metadata album_artist=Bob "
                "-metadata lyrics='la la' " + file.string())) continue;
    ++made;
    const auto misnamed = scratch / (std::string(name) == "a.mp3" ? "b.ogg" : "b.mp3");
    std::filesystem::copy_file(file, misnamed, std::filesystem::copy_options::overwrite_existing);
    for (const auto& path : {file, misnamed}) {  // the content says what it is
      const auto tags = read_tags(path);
      EXPECT_EQ(tags.title, "One") << name;
      EXPECT_EQ(tags.artist, "Ann") << name;
      EXPECT_EQ(tags.album, "Al") << name;
      EXPECT_EQ(tags.album_artist, "Bob") << name;
      // In ID3 it writes a field of its own for them.
      EXPECT_EQ(tags.lyrics, std::string(name) == "a.mp3" ? "" : "la la") << name;
      EXPECT_NEAR(tags.seconds, 3, 0.1) << name;
    }
  }
  if (made == 0) GTEST_SKIP() << "there is no ffmpeg program";
}

TEST(Tags, AreValidUtf8WhateverTheFileSays) {
  const Scratch scratch;
  const std::string broken = "a\xff\xfe\xc3(\xed\xa0\x80\xf0\x9f";
  const std::vector<Path> files{
      scratch.file("a.flac", flac_of({"TITLE=" + broken, "LYRICS=" + broken, "ARTIST=\u97f3\u697d"})),
      scratch.file("a.mp3", id3_of({{"TIT2", "\3" + broken}, {"USLT", "\3eng" + broken}, {"TPE1", words("\u97f3\u697d")}}) + silent_mp3()),
      scratch.file("b.mp3", id3_of({{"TIT2", std::string("\1\xff\xfe\x00\xd8""a\0\x00\xdc", 9)}, {"TALB", std::string("\0caf\xe9", 5)},
                                    {"TPE1", std::string("\1\xff\xfe\xf3\x97\x7d\x69", 7)}}) + silent_mp3())};
  for (const auto& file : files) {
    const auto tags = read_tags(file);
    for (const auto& text : {tags.title, tags.lyrics, tags.artist, tags.album, tags.language}) EXPECT_TRUE(is_valid_utf8(text)) << file;
    EXPECT_EQ(tags.artist, "\u97f3\u697d") << file;
  }
  EXPECT_EQ(read_tags(files[2]).album, "caf\u00e9");
}

TEST(Tags, HoldLyricsOfAnyScriptAndLength) {
  const Scratch scratch;
  std::string song = "\u043f\u0435\u0441\u043d\u044f \u03c4\u03c1\u03b1\u03b3\u03bf\u03cd\u03b4\u03b9 \u05e9\u05d9\u05e8 \u0623\u063a\u0646\u064a\u0629 \u0917\u0940\u0924 \u0e40\u0e1e\u0e25\u0e07 \ub178\ub798 \u6b4c \u3046\u305f \u10e1\u10d8\u10db\u10e6\u10d4\u10e0\u10d0 \u0565\u0580\u0563 song";
  for (int i = 0; i < 100000; ++i) song += i % 10 == 0 ? "\nla" : " la";
  const auto file = scratch.file("a.flac", flac_of({"LYRICS=" + song}));
  EXPECT_EQ(read_tags(file).lyrics, song);
  EXPECT_EQ(read_tags(scratch.file("b.mp3", id3_of({{"USLT", std::string("\3XXX\0", 5) + song}}) + silent_mp3())).lyrics, song);
  EXPECT_EQ(read_tags(scratch / "b.mp3").language, "");
}

TEST(Tags, OfWhatIsNoSoundAreEmpty) {
  const Scratch scratch;
  for (const char* text : {"la la la\n", "ID3", "fLaC", "OggS", "RIFF", "\xff\xfb"}) {
    for (const char* name : {"a.txt", "a.mp3", "a.flac", "a.ogg", "a.m4a", "a.wav", "a.ape", "a.wma", "a.it"}) {
      const auto tags = read_tags(scratch.file(name, text));
      EXPECT_EQ(tags.title + tags.artist + tags.lyrics, "") << name << " " << text;
    }
  }
}

TEST(Tags, OfWhatIsNoFileAreRefused) {
  const Scratch scratch;
  ASSERT_EQ(::mkfifo((scratch / "pipe.mp3").c_str(), 0600), 0);
  std::filesystem::create_symlink("loop.mp3", scratch / "loop.mp3");
  scratch.file("empty.mp3", "");
  for (const auto& path : {scratch / "gone.mp3", scratch / "pipe.mp3", scratch / "loop.mp3", scratch / "empty.mp3", scratch.folder(), Path("/proc/self/mem")}) {
    EXPECT_THROW(read_tags(path), Error) << path;
  }
}

TEST(Tags, OfHeadersThatLieAreReadAsFarAsTheyGo) {
  const Scratch scratch;
  auto bytes = id3_of({{"TIT2", words("One")}});
  bytes.replace(6, 4, safe(200'000'000));
  EXPECT_NO_THROW(read_tags(scratch.file("a.mp3", bytes + silent_mp3())));
  auto flac = flac_of({"TITLE=One"});
  for (const size_t at : {42U, 43U, 46U, 54U}) {  // sizes of the block and of what stands in it
    auto lies = flac;
    lies[at] = '\xff';
    EXPECT_NO_THROW(read_tags(scratch.file("a.flac", lies))) << at;
  }
}

TEST(Tags, OfAFileThatGoesOnBehindItsEndAreGivenUp) {
  const Scratch scratch;
  // WMA: a head of 1,000 objects, each of which says it holds 65,535 entries.
  std::string bytes("\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c", 16);
  put<uint64_t>(bytes, 30 + 1000 * 26);
  put<uint32_t>(bytes, 1000);
  bytes += "\1\2";
  for (int i = 0; i < 1000; ++i) {
    bytes += std::string("\x40\xa4\xd0\xd2\x07\xe3\xd2\x11\x97\xf0\0\xa0\xc9\x5e\xa8\x50", 16);
    put<uint64_t>(bytes, 26);
    put<uint16_t>(bytes, 0xffff);
  }
  const auto file = scratch.file("a.wma", bytes);
  EXPECT_LT(peak_kib([&] { EXPECT_EQ(read_tags(file).title, ""); }), 16 << 10);
}

}  // namespace
}  // namespace segue
