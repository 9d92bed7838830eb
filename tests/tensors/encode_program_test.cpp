// `encode`, `signals` and `neighbours` as their users call them.
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "listening/tracks.h"
#include "signals/signal.h"
#include "support/program.h"
#include "tensors/made_encoder.h"

namespace segue {
namespace {

/// A made-up world with sound and lyrics, imported; made once.
class EncodeProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world_ = new Scratch;
    ASSERT_EQ(segue_program({"simulate", "--into", (*world_ / "world").string(), "--listeners", "4", "--tracks", "300", "--plays", "3000", "--audio-tracks", "60", "--quiet"}).code, 0);
    ASSERT_EQ(segue_program({"import", (*world_ / "world/spotify").string(), "--into", (*world_ / "data").string(), "--quiet"}).code, 0);
    MadeEncoder().write(*world_ / "bert");
    for (const auto& entry : std::filesystem::recursive_directory_iterator(library())) sounds += entry.path().extension() == ".wav" ? 1 : 0;
  }
  static void TearDownTestSuite() {
    delete world_;
    sounds = 0;
  }
  EncodeProgram() { std::filesystem::copy(*world_ / "data", data, std::filesystem::copy_options::recursive); }

  static std::string library() { return (*world_ / "world/library").string(); }
  static std::string bert() { return (*world_ / "bert").string(); }
  std::vector<std::string> encode(const std::vector<std::string>& more) const {
    std::vector<std::string> words{"encode", data.string()};
    words.insert(words.end(), more.begin(), more.end());
    words.push_back("--quiet");
    return words;
  }
  Ran run(const std::vector<std::string>& more) const { return segue_program(encode(more)); }

  static Scratch* world_;
  static int sounds;  // tracks that have some
  Scratch scratch;
  Path data = scratch / "data";
};
Scratch* EncodeProgram::world_ = nullptr;
int EncodeProgram::sounds = 0;

TEST_F(EncodeProgram, MakesSignalsOfSoundLyricsAndNames) {
  const Ran sound = run({"--music", library(), "--encoder", "mfcc", "--json"});
  ASSERT_EQ(sound.code, 0) << sound.err;
  EXPECT_EQ(sound.json()["music"]["tracks"], sounds);
  EXPECT_EQ(sound.json()["signal"]["made"], sounds);
  EXPECT_EQ(sound.json()["signal"]["width"], 40);
  const Ran lyrics = run({"--model", bert(), "--read", "lyrics", "--json"});
  ASSERT_EQ(lyrics.code, 0) << lyrics.err;
  EXPECT_GT(lyrics.json()["signal"]["known"].get<int>(), 10);
  EXPECT_GT(lyrics.json()["signal"]["instrumental"].get<int>(), 1);
  const Ran names = run({"--model", bert(), "--read", "names", "--json"});
  ASSERT_EQ(names.code, 0) << names.err;
  const int tracks = Tracks::load(data / "tracks.parquet").size();
  EXPECT_EQ(names.json()["signal"]["known"], tracks);  // every track has names
  EXPECT_EQ(run({"--encoder", "mfcc", "--json"}).json()["signal"]["made"], 0);

  const Ran seen = segue_program({"signals", data.string(), "--json"});
  ASSERT_EQ(seen.code, 0) << seen.err;
  ASSERT_EQ(seen.json()["signals"].size(), 3u);
  EXPECT_EQ(seen.json()["signals"][2]["share_of_plays"], 1.0);
  const double share = seen.json()["signals"][1]["share_of_tracks"];
  EXPECT_NEAR(share, static_cast<double>(sounds) / tracks, 1e-9);
}

TEST_F(EncodeProgram, FindsTheNearestAndDrawsAMap) {
  ASSERT_EQ(run({"--music", library(), "--encoder", "mfcc"}).code, 0);
  const Tracks tracks = Tracks::load(data / "tracks.parquet");
  const int32_t some = load_signal(data, "mfcc").track.front();
  const std::string name = std::string(tracks.artist[static_cast<size_t>(some)]) + " - " + std::string(tracks.title[static_cast<size_t>(some)]);
  const Ran near = segue_program({"neighbours", data.string(), "--signal", "mfcc", "--track", name, "-k", "5", "--json"});
  ASSERT_EQ(near.code, 0) << near.err;
  ASSERT_EQ(near.json()["neighbours"].size(), 5u);
  double before = 1;
  for (const auto& one : near.json()["neighbours"]) {
    EXPECT_NE(one["track"], some);
    EXPECT_LE(one["likeness"].get<double>(), before);
    before = one["likeness"];
  }
  ASSERT_EQ(segue_program({"signals", data.string(), "--map", "mfcc"}).code, 0);
  const std::string page = read_file(data / "signals/mfcc/map.html");
  size_t dots = 0;
  for (size_t at = page.find("<circle"); at != std::string::npos; at = page.find("<circle", at + 1)) ++dots;
  EXPECT_EQ(dots, static_cast<size_t>(sounds));
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("\"nan"), std::string::npos);
}

TEST_F(EncodeProgram, KilledAgainAndAgainItLosesNothingItMade) {
  ASSERT_EQ(run({"--music", library()}).code, 0);
  size_t known = 0;
  for (int round = 0; round < 40 && known < static_cast<size_t>(sounds); ++round) {
    Running killed(encode({"--encoder", "mfcc", "--threads", "1"}));
    std::this_thread::sleep_for(std::chrono::milliseconds(350 + 10 * round));
    killed.kill();
    if (!std::filesystem::exists(data / "signals/mfcc/signal.json")) continue;
    const size_t now = load_signal(data, "mfcc").size();
    EXPECT_GE(now, known);
    known = now;
  }
  const Ran last = run({"--encoder", "mfcc", "--json"});
  ASSERT_EQ(last.code, 0) << last.err;
  EXPECT_EQ(last.json()["signal"]["elsewhere"], 0);
  const Signal cut = load_signal(data, "mfcc");
  ASSERT_EQ(run({"--encoder", "mfcc", "--signal", "whole"}).code, 0);
  EXPECT_EQ(cut.count(Known::vector), sounds);
  EXPECT_EQ(cut.track, load_signal(data, "whole").track);
  EXPECT_EQ(cut.vectors, load_signal(data, "whole").vectors);  // to the bit
}

TEST_F(EncodeProgram, TwoAtOnceShareTheWork) {
  ASSERT_EQ(run({"--music", library()}).code, 0);
  Running first(encode({"--encoder", "mfcc", "--threads", "1", "--json"})), second(encode({"--encoder", "mfcc", "--threads", "1", "--json"}));
  const Ran a = first.wait(), b = second.wait();
  ASSERT_EQ(a.code, 0) << a.err;
  ASSERT_EQ(b.code, 0) << b.err;
  EXPECT_EQ(a.json()["signal"]["made"].get<int>() + b.json()["signal"]["made"].get<int>(), sounds);
  EXPECT_EQ(load_signal(data, "mfcc").count(Known::vector), sounds);
}

TEST_F(EncodeProgram, PassesOverABrokenFileAndSaysItOnce) {
  std::filesystem::copy(library(), scratch / "music", std::filesystem::copy_options::recursive);
  ASSERT_EQ(run({"--music", (scratch / "music").string()}).code, 0);
  Path broken;  // after it was tied to its track
  for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch / "music")) {
    if (entry.path().extension() == ".wav") broken = entry.path();
  }
  std::filesystem::resize_file(broken, 0);
  const Ran first = run({"--encoder", "mfcc", "--json"});
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_EQ(first.json()["signal"]["known"], sounds - 1);
  ASSERT_EQ(first.json()["signal"]["problems"].size(), 1u);
  EXPECT_NE(first.json()["signal"]["problems"][0].get<std::string>().find(broken.filename().string()), std::string::npos);
  EXPECT_EQ(run({"--encoder", "mfcc", "--json"}).json()["signal"]["problems"].size(), 0u);
  EXPECT_EQ(run({"--encoder", "mfcc", "--again", "--json"}).json()["signal"]["problems"].size(), 1u);
}

TEST_F(EncodeProgram, KeepsWhatItMadeWhereTheDiskIsFull) {
  ASSERT_EQ(run({"--music", library()}).code, 0);
  const Ran full = segue_program(encode({"--encoder", "mfcc", "--threads", "1"}), {}, files_of_at_most(3000));
  EXPECT_EQ(full.code, 1);
  EXPECT_NE(full.err.find("can't be written"), std::string::npos) << full.err;
  EXPECT_EQ(std::count(full.err.begin(), full.err.end(), '\n'), 1) << full.err;
  const size_t kept = load_signal(data, "mfcc").size();
  EXPECT_GT(kept, 5u);
  const Ran rest = run({"--encoder", "mfcc", "--json"});
  EXPECT_EQ(rest.json()["signal"]["made"].get<size_t>(), static_cast<size_t>(sounds) - kept);
}

TEST_F(EncodeProgram, ALibraryNeedsNoLog) {
  const std::string fresh = (scratch / "fresh").string();
  const Ran made = segue_program({"encode", fresh, "--music", library(), "--encoder", "mfcc", "--json", "--quiet"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(made.json()["music"]["tracks_added"], sounds);
  ASSERT_EQ(segue_program({"import", (*world_ / "world/spotify").string(), "--into", fresh, "--quiet"}).code, 0);
  EXPECT_EQ(load_signal(fresh, "mfcc").track.back(), sounds - 1);  // the log came to the tracks that were there, and kept their numbers
  const Ran seen = segue_program({"signals", fresh, "--json"});
  EXPECT_GT(seen.json()["signals"][0]["share_of_plays"].get<double>(), 0.05);
}

TEST_F(EncodeProgram, SaysInOneLineWhatIsWrong) {
  const auto refused = [&](const std::vector<std::string>& words, const char* says) {
    const Ran ran = segue_program(words);
    EXPECT_NE(ran.code, 0) << ran.out;
    EXPECT_NE(ran.err.find(says), std::string::npos) << ran.err;
  };
  refused(encode({}), "nothing to do");
  refused(encode({"--encoder", "mfcc"}), "--music");
  refused(encode({"--encoder", "musicnn"}), "--model");
  refused(encode({"--encoder", "nosuch"}), "nosuch");
  refused(encode({"--model", bert()}), "--read lyrics or --read names");
  refused(encode({"--model", bert(), "--read", "lyrics"}), "no lyrics");
  refused(encode({"--model", (*world_ / "world").string()}), "config.json");
  refused(encode({"--table", (*world_ / "world/tracks.tsv").string()}), "--signal");
  refused({"signals", data.string(), "--map", "none"}, "no signal 'none'");
  refused({"neighbours", data.string(), "--signal", "none", "--track", "a"}, "no signal 'none'");
  ASSERT_EQ(run({"--music", library(), "--encoder", "mfcc"}).code, 0);
  refused(encode({"--encoder", "mfcc", "--pool", "last"}), "another space");
  refused({"neighbours", data.string(), "--signal", "mfcc", "--track", "zzzz"}, "no track");
  refused({"neighbours", data.string(), "--signal", "mfcc", "--track", "a"}, "may be");
  refused({"neighbours", data.string(), "--signal", "mfcc"}, "near what");
}

}  // namespace
}  // namespace segue
