#include "annotation/gene_evidence.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "core/console.h"
#include "core/error.h"
#include "signals/music_files.h"
#include "signals/signal_work.h"
#include "support/scratch.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

/// A data folder of tracks, some of which have lyrics.
class GeneEvidence : public testing::Test {
 protected:
  GeneEvidence() {
    for (const auto& [artist, title] : std::vector<std::pair<std::string, std::string>>{
             {"Ann", "Sea"}, {"Ann", "Sea (Remastered)"}, {"Ann", "Rain"}, {"Ann", "Snow"}, {"Bob", "Land"}, {"Cid", "Sky"}, {"Dee", "Fire"}, {"Bad\xFF\n\x1b[31mName", std::string(300, 'x') + "é"}}) {
      tracks.add(artist, title, "");
    }
    std::filesystem::create_directories(data);
    tracks.save(data / "tracks.parquet");
  }
  void add_lyrics() const {
    MusicOptions options;
    options.lyrics.push_back(scratch.file("l.csv", "artist,title,lyrics\nAnn,Rain,\"It rains\nall day\nand all night\"\nBob,Land,[Instrumental]\nCid,Sky,\"" + long_line + "\"\n"));
    tie_music(data, options);
  }
  /// rows: of the first tracks, in order; an empty one is unreadable.
  void add_signal(const std::string& name, const std::vector<std::vector<float>>& rows, const std::string& made_from = "sound", const std::string& space = "an encoder") const {
    std::vector<WantedTrack> wanted;
    for (int32_t t = 0; t < std::ssize(rows); ++t) wanted.push_back({t, 7});
    SignalWork work(data, {name, made_from, space, std::ssize(rows.front())}, wanted, {});
    while (const auto block = work.next()) {
      for (const auto& [track, content] : block->tracks) {
        const auto& row = rows[static_cast<size_t>(track)];
        work.add(track, row.empty() ? Known::unreadable : Known::vector, content, row, row.empty() ? "broken" : "");
      }
    }
    work.finish();
  }
  static std::vector<float> described(float loud, float bright, float noisy, float tempo) {
    std::vector<float> row(63, 1);
    row[58] = loud, row[40] = bright, row[60] = noisy, row[62] = tempo;
    return row;
  }
  void add_descriptors() const {
    add_signal("descriptors", {described(0.1F, 900, 0.3F, 120.6F), described(0.2F, 800, 0.3F, 90), described(0.3F, 700, 0.3F, 60), described(0.4F, 600, 0.3F, 180), {}});
  }
  Json told(const EvidenceOptions& options, int32_t track) const { return Evidence(data, options, tracks).of(track); }
  std::string refusal(const EvidenceOptions& options) const {
    try {
      Evidence(data, options, tracks);
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was refused";
  }

  const std::string long_line = std::string(40, 'a') + "é" + std::string(40, 'b');
  Scratch scratch;
  Path data = scratch / "data";
  Tracks tracks;
};

TEST_F(GeneEvidence, IsTheNamesAloneWhereNothingElseIsAsked) {
  add_lyrics();
  add_descriptors();
  EXPECT_EQ(told({}, 2).dump(), R"({"artist":"Ann","title":"Rain"})");
  EXPECT_EQ(Evidence(data, {}, tracks).spelled(), "names");
  EXPECT_TRUE(Evidence(data, {}, tracks).instrumental(4));  // is known, but not told
  EXPECT_FALSE(Evidence(data, {}, tracks).instrumental(2));
  EXPECT_THROW(told({}, 8), std::invalid_argument);
  EXPECT_THROW(told({}, -1), std::invalid_argument);
}

TEST_F(GeneEvidence, NamesAreOneLineOfValidTextAndShort) {
  const auto strange = told({}, 7);
  EXPECT_EQ(strange["title"], std::string(200, 'x'));
  const std::string artist = strange["artist"];
  EXPECT_TRUE(is_valid_utf8(artist));
  EXPECT_EQ(artist.find('\n'), std::string::npos);
  EXPECT_EQ(artist.find('\x1b'), std::string::npos);
  EXPECT_NE(artist.find("Name"), std::string::npos);
  EXPECT_NO_THROW(strange.dump());
}

TEST_F(GeneEvidence, LyricsEndWithALine) {
  add_lyrics();
  EvidenceOptions options{.lyrics = true};
  EXPECT_EQ(told(options, 2)["lyrics"], "It rains\nall day\nand all night");
  EXPECT_EQ(told(options, 4).dump(), R"({"artist":"Bob","title":"Land","instrumental":true})");
  EXPECT_FALSE(told(options, 0).contains("lyrics"));
  EXPECT_FALSE(told(options, 0).contains("instrumental"));
  options.longest_lyrics = 16;
  EXPECT_EQ(told(options, 2)["lyrics"], "It rains\nall day");
  options.longest_lyrics = 15;
  EXPECT_EQ(told(options, 2)["lyrics"], "It rains");
  options.longest_lyrics = 41;  // characters, not bytes
  EXPECT_EQ(told(options, 5)["lyrics"], std::string(40, 'a') + "é");
  options.longest_lyrics = 0;
  EXPECT_NE(refusal(options).find("1 or more would work"), std::string::npos);
}

TEST_F(GeneEvidence, TagsAreThoseOfTheArtist) {
  EvidenceOptions options{.tags = true};
  EXPECT_NE(refusal(options).find("no file with them is named"), std::string::npos);
  options.tag_file = scratch.file("tags.json", R"({"ANN": ["folk", "sea\nshanty"], "Cid": {"rock": 1, "doom metal": 5}})");
  EXPECT_EQ(told(options, 5)["tags"], "doom metal, rock");
  const std::string ann = told(options, 0)["tags"];
  EXPECT_TRUE(ann.starts_with("folk, sea"));
  EXPECT_EQ(ann.find('\n'), std::string::npos);
  EXPECT_FALSE(told(options, 4).contains("tags"));
}

TEST_F(GeneEvidence, TempoAndPercentilesComeFromTheDescriptors) {
  add_descriptors();
  EXPECT_EQ(told({.tempo = true}, 0).dump(), R"({"artist":"Ann","title":"Sea","tempo_bpm":121})");
  EXPECT_FALSE(told({.tempo = true}, 4).contains("tempo_bpm"));  // can't be read
  EXPECT_FALSE(told({.tempo = true}, 6).contains("tempo_bpm"));  // has no sound
  const auto quiet = told({.sound = true}, 0), loud = told({.sound = true}, 3);
  EXPECT_FALSE(quiet.contains("tempo_bpm"));
  EXPECT_EQ(quiet["loudness_percentile"], 15);  // of four: half of itself is 12.5, told in steps of 5
  EXPECT_EQ(loud["loudness_percentile"], 90);
  EXPECT_EQ(quiet["brightness_percentile"], 90);
  EXPECT_EQ(quiet["noisiness_percentile"], 50);  // all alike
  EXPECT_FALSE(quiet.contains("sounds_like"));   // there is no other signal
}

TEST_F(GeneEvidence, SoundsLikeTheNearestButNotItself) {
  const auto at = [](double degrees) { return std::vector<float>{static_cast<float>(std::cos(degrees / 57.3)), static_cast<float>(std::sin(degrees / 57.3))}; };
  add_signal("musicnn", {at(0), at(1), at(2), at(3), at(50), at(80), at(120), {}});
  // The remaster is Sea itself; of Ann's others one is enough.
  EXPECT_EQ(told({.sound = true}, 0)["sounds_like"].dump(), R"(["Ann – Rain","Bob – Land","Cid – Sky"])");
  EXPECT_EQ(told({.sound = true}, 6)["sounds_like"].dump(), R"(["Cid – Sky","Bob – Land","Ann – Snow"])");
  EXPECT_FALSE(told({.sound = true}, 7).contains("sounds_like"));
  add_signal("clap_audio", {at(0), at(90), at(91), at(92), at(93), at(94), at(10)});
  add_signal("lyrics-bert", {at(0), at(0)}, "lyrics");
  const Evidence evidence(data, {.sound = true}, tracks);  // the other signal comes first by its name
  EXPECT_EQ(evidence.of(0)["sounds_like"].dump(), R"(["Dee – Fire","Ann – Rain","Bob – Land","Cid – Sky"])");
  EXPECT_EQ(evidence.of(0), evidence.of(0));
}

/// All of one artist: what is left is asked for until nothing more is there.
TEST_F(GeneEvidence, FindsOthersBehindManyOfItsOwnArtist) {
  Tracks many;
  std::vector<std::vector<float>> rows;
  for (int i = 0; i < 400; ++i) {
    many.add(i < 398 ? "Ann" : "Bob", "Song " + std::to_string(i), "");
    rows.push_back({std::cos(static_cast<float>(i) / 500), std::sin(static_cast<float>(i) / 500)});
  }
  add_signal("mfcc", rows);
  const Evidence evidence(data, {.sound = true}, many);
  EXPECT_EQ(evidence.of(0)["sounds_like"].dump(), R"(["Ann – Song 1","Bob – Song 398","Bob – Song 399"])");
  std::vector<Json> got(4);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < 4; ++i) threads.emplace_back([&, i] { got[i] = evidence.of(static_cast<int32_t>(100 + i / 2)); });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(got[0], got[1]);
  EXPECT_EQ(got[2], got[3]);
}

TEST_F(GeneEvidence, SaysWhatMakesWhatIsMissing) {
  EXPECT_NE(refusal({.lyrics = true}).find("no lyrics here yet: segue encode"), std::string::npos);
  EXPECT_NE(refusal({.tempo = true}).find("--encoder descriptors"), std::string::npos);
  EXPECT_NE(refusal({.sound = true}).find("--encoder descriptors"), std::string::npos);
  add_signal("descriptors", {{1, 2}}, "table");
  EXPECT_NE(refusal({.tempo = true}).find("holds 2 numbers made from table"), std::string::npos);
}

TEST_F(GeneEvidence, RefusesATempoThatIsNoNumber) {
  add_signal("descriptors", {described(1, 1, 1, std::numeric_limits<float>::quiet_NaN())});
  EXPECT_NE(refusal({.tempo = true}).find("is none"), std::string::npos) << refusal({.tempo = true});
}

TEST_F(GeneEvidence, EveryChoiceIsSpelledInItsOwnWay) {
  add_lyrics();
  add_descriptors();
  const auto spelled = [&](const EvidenceOptions& options) { return Evidence(data, options, tracks).spelled(); };
  const Path some = scratch.file("some.json", R"({"Ann": ["folk"]})"), others = scratch.file("others.json", R"({"Ann": ["rock"]})");
  std::set<std::string> all{spelled({}), spelled({.lyrics = true}), spelled({.lyrics = true, .longest_lyrics = 10}), spelled({.tags = true, .tag_file = some}),
                            spelled({.tags = true, .tag_file = others}), spelled({.tempo = true}), spelled({.sound = true}), spelled({.tempo = true, .sound = true})};
  EXPECT_EQ(all.size(), 8u);
  add_signal("mfcc", {{1, 0}, {0, 1}});
  EXPECT_TRUE(all.insert(spelled({.sound = true})).second);
  std::filesystem::remove_all(data / "signals/mfcc");
  add_signal("mfcc", {{1, 0}, {0, 1}}, "sound", "another encoder");
  EXPECT_TRUE(all.insert(spelled({.sound = true})).second);
  EXPECT_EQ(spelled({.tag_file = some}), "names");  // a file that is not read is no part of it
}

}  // namespace
}  // namespace segue
