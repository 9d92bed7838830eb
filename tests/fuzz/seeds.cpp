// Writes what the fuzzers start from, a folder per target: fuzz_seeds FOLDER. The rows are made up.

#include <cstdio>
#include <map>

#include "core/safetensors.h"
#include "listening/importer.h"
#include "support/archives.h"

namespace {

using segue::Path;
using Texts = std::vector<std::string>;

const std::map<std::string, Texts>& seeds() {
  static const std::map<std::string, Texts> texts{
      {"lastfm-1k", {"u1\t2009-05-04T23:08:57Z\ta1\tAnn\tt1\tOne\nu1\t2009-05-04T23:08:57\t\tAnn\t\t\"One\"\r\nu1\tx\n\n"}},
      {"lastfm-csv",
       {"artist,album,track,date\nAnn,Al,One,\"04 May 2009, 23:08\"\n\"Bob \"\"B\"\"\",,\"Two\n\",2009-05-04 23:08:57\n",
        "uts;utc_time;artist;artist_mbid;album;album_mbid;track;track_mbid\n1241478537;04 May 2009, 23:08;Ann;a1;;;One;t1\n",
        "Ann,Al,One,04 May 2009 23:08\n\"Ann,x\nBob,Al,Two,2009-05-04T23:08:57.25+02:00\n",
        "Artist\tTrack\tDate[UTC+2]\nAnn\tOne\t2009-05-04 23:08\n", ",Username,Artist,Track,Date,Time\n0,u,Ann,One,04 May 2009,23:08\n",
        "Artist;Track;Date#ann\nAnn;One;1241478537000\n"}},
      {"listenbrainz",
       {R"({"listened_at":1241478537,"track_metadata":{"artist_name":"Ann","track_name":"One","additional_info":{"duration_ms":180000.5,"recording_mbid":"r"},"mbid_mapping":null}})" "\n"
        R"({"listened_at":1241478537.000,"user_name":"u","track_metadata":{"artist_name":"Ann","track_name":"One","additional_info":{"duration":"180"},"mbid_mapping":{"recording_mbid":"r","artist_mbids":["a"],"artists":[{"artist_mbid":"a"}]}}})" "\n",
        R"([{"listened_at":1,"track_metadata":{"artist_name":"A\u00e9\ud83c\udfb5","track_name":"\"\\"}},{},[],1])"}},
      {"recbole",
       {"user_id:token\titem_id:token\ttimestamp:float\nu1\tt1\t1241478537\nu1\tt2\t1.24e12\n"
        "\fitem_id:token\tartist:token_seq\ttitle:token_seq\nt1\tAnn\tOne\n"}},
      {"spotify-account",
       {R"([{"endTime":"2009-05-04 23:08","artistName":"Ann","trackName":"One","msPlayed":1000},{"endTime":"2009-05-04 23:08","podcastName":"P","episodeName":"E","msPlayed":0}])"}},
      {"spotify-extended",
       {R"([{"ts":"2009-05-04T23:08:57Z","username":"u","ms_played":1000,"master_metadata_track_name":"One","master_metadata_album_artist_name":"Ann","spotify_track_uri":"t","reason_end":"fwdbtn","skipped":null},{"ts":"2009-05-04T23:08:57Z","ms_played":0,"master_metadata_track_name":null,"episode_name":"E","skipped":true}])"}},
      {"json", {R"([{"a":[1,-2.5e-3,true,false,null,"\u0041\n"]},[],{},"]",0])", "[1,2", "\xef\xbb\xbf[]", "[[[[[[1]]]]]]"}},
  };
  return texts;
}

void write_archives(const Path& folder) {
  using segue::Packing;
  const std::vector<std::pair<std::string, std::string>> files{{"a/one.txt", "one"}, {"two", std::string(3000, '2')}, {"é", ""}};
  segue::write_archive(folder / "zip", Packing::zip, files);
  segue::write_archive(folder / "encrypted", Packing::encrypted_zip, files);
  segue::write_archive(folder / "tar", Packing::tar, files);
  segue::write_archive(folder / "tar.gz", Packing::tar_gz, files);
  segue::write_archive(folder / "gz", Packing::gz, {{"one", "one\n"}});
}

void write_weights(const Path& folder) {
  const std::vector<float> numbers{1, 2, 3, 4, 5, 6};
  const auto bytes = std::as_bytes(std::span(numbers));
  segue::write_safetensors(folder / "two", {{"a", {segue::Kind::f32, {2, 2}, bytes.first(16)}}, {"b", {segue::Kind::bf16, {4}, bytes.first(8)}}}, {{"format", "pt"}});
  segue::write_safetensors(folder / "none", {{"empty", {segue::Kind::i64, {0, 3}, {}}}});
}

template <class... Numbers>
std::string bytes_of(Numbers... numbers) {
  std::string bytes;
  (bytes.append(reinterpret_cast<const char*>(&numbers), sizeof numbers), ...);
  return bytes;
}

/// Half a second and less: WAV, Sun's, HTK's, and MP3 and FLAC with tags before silence and nothing.
std::vector<std::string> sounds() {
  const auto text = [](const char* bytes, size_t size) { return std::string(bytes, size); };
  const auto wav = [](uint16_t kind, uint16_t channels, uint32_t rate, uint16_t bits, const std::string& samples) {
    const auto block = static_cast<uint16_t>(channels * bits / 8);
    return "RIFF" + bytes_of(static_cast<uint32_t>(36 + samples.size())) + "WAVEfmt " + bytes_of(uint32_t{16}, kind, channels, rate) +
           bytes_of(rate * block, block, bits) + "data" + bytes_of(static_cast<uint32_t>(samples.size())) + samples;
  };
  std::string floats, frame = text("\xff\xfb\x90\x00", 4), frames, htk = text("\0\0\1\0\0\0\x04\xe2\0\2\0\0", 12);
  for (int i = 0; i < 500; ++i) floats += bytes_of(0.001F * static_cast<float>(i));
  frame.resize(417);
  for (int i = 0; i < 6; ++i) frames += frame;
  const std::string id3 = text("ID3\4\0\0\0\0\0\x30", 10) + text("TIT2\0\0\0\4\0\0\3One", 14) + text("USLT\0\0\0\x08\0\0\3eng\0la\n", 18) +
                          text("TPE1\0\0\0\6\0\0\1\xff\xfe""A\0\0", 16);
  const std::string comments = bytes_of(uint32_t{1}) + "t" + bytes_of(uint32_t{2}, uint32_t{8}) + "TITLE=Ab" + bytes_of(uint32_t{9}) + "LYRICS=la";
  const std::string flac = "fLaC" + text("\0\0\0\x22\x10\0\x10\0\0\0\0\0\0\0\x0a\xc4\x42\xf0\0\1\x58\x88", 22) + std::string(16, '\0') + text("\x84\0\0", 3) +
                           static_cast<char>(comments.size()) + comments;
  return {wav(1, 1, 22050, 8, std::string(1000, 'a')), wav(1, 2, 44100, 16, std::string(2000, 'b')), wav(3, 1, 8000, 32, floats),
          ".snd" + text("\0\0\0\x18\0\0\1\0\0\0\0\2\0\0\x1f\x40\0\0\0\1", 20) + std::string(256, 'c'), htk + std::string(512, 'd'), frames, id3 + frames, flac};
}

void write_sounds(const Path& folder) {
  const auto all = sounds();
  for (const char* target : {"sound", "tags"}) {
    std::filesystem::create_directories(folder / target);
    const std::string rate = target == std::string("sound") ? "A" : "";
    for (size_t i = 0; i < all.size(); ++i) segue::write_file(folder / target / std::to_string(i), rate + all[i]);
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) return std::fputs("fuzz_seeds FOLDER\n", stderr), 2;
  for (const auto& name : segue::importers().names()) {
    if (!seeds().contains(name)) return std::fprintf(stderr, "tests/fuzz knows no importer '%s'\n", name.c_str()), 1;
  }
  for (const auto& [name, texts] : seeds()) {
    const Path folder = Path(words[1]) / name;
    std::filesystem::create_directories(folder);
    for (size_t i = 0; i < texts.size(); ++i) segue::write_file(folder / std::to_string(i), "A" + texts[i]);
  }
  for (const char* name : {"archive", "safetensors"}) std::filesystem::create_directories(Path(words[1]) / name);
  write_archives(Path(words[1]) / "archive");
  write_weights(Path(words[1]) / "safetensors");
  write_sounds(words[1]);
  return 0;
}
