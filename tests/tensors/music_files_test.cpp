#include "signals/music_files.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "listening/tracks.h"
#include "signals/music_walk.h"
#include "signals/path_names.h"
#include "simulation/sound.h"
#include "support/saved_tracks.h"
#include "support/scratch.h"

namespace segue {
namespace {

std::string sound_of(const std::string& artist, const std::string& title) {
  return simulation::wav(std::vector<int16_t>(1600, 100), {artist, "", title});
}

const MusicFile& file_named(const std::vector<MusicFile>& files, const std::string& name) {
  for (const auto& file : files) {
    if (Path(file.path).filename() == name) return file;
  }
  throw std::logic_error("no file " + name);
}

/// A data folder of four tracks, two of one name.
class MusicFiles : public testing::Test {
 protected:
  MusicFiles() {
    save_tracks(data, {{"Ann", "Sea", ""}, {"Bob", "Land", ""}, {"Cid", "Sky", "one"}, {"Cid", "Sky", "two"}});
  }
  MusicReport tie(MusicOptions options = {}) {
    if (options.music.empty()) options.music = {music};
    const auto report = tie_music(data, options);
    files = load_music_files(data);
    return report;
  }

  Scratch scratch;
  Path data = scratch / "data", music = scratch / "music";
  std::vector<MusicFile> files;
};

TEST_F(MusicFiles, AreTiedByTheirTagsAndElseByTheirPath) {
  scratch.file("music/a.wav", sound_of("ANN", "Sea (2011 Remaster)"));
  scratch.file("music/Bob/Album/03 - Land.wav", sound_of("", ""));
  scratch.file("music/c.wav", sound_of("Cid", "Sky"));
  scratch.file("music/Dee - Fire.wav", sound_of("", ""));
  scratch.file("music/e.wav", sound_of("Eve", "Ice"));
  scratch.file("music/cover.jpg", "a picture");
  const auto report = tie();
  EXPECT_EQ(file_named(files, "a.wav").track, 0);
  EXPECT_EQ(file_named(files, "a.wav").how, tied::by_names);
  EXPECT_EQ(file_named(files, "03 - Land.wav").track, 1);
  EXPECT_EQ(file_named(files, "03 - Land.wav").how, tied::by_path);
  EXPECT_EQ(file_named(files, "c.wav").track, -1);
  EXPECT_EQ(file_named(files, "c.wav").how, tied::ambiguous);
  EXPECT_EQ(file_named(files, "e.wav").how, tied::as_new);
  EXPECT_EQ(report.added, 2);
  EXPECT_EQ(report.files, 5);
  EXPECT_EQ(report.others, 1);
  EXPECT_EQ(report.tracks, 4);
  const Tracks tracks = Tracks::load(data / "tracks.parquet");
  EXPECT_EQ(tracks.size(), 6);
  EXPECT_EQ(tracks.artist[static_cast<size_t>(file_named(files, "Dee - Fire.wav").track)], "Dee");
  EXPECT_EQ(tie().added, 0);  // again: the same tracks
}

TEST_F(MusicFiles, ACorrectionSaysWhoseSoundItIs) {
  scratch.file("music/x.wav", sound_of("Wrong", "Names"));
  const Path table = scratch.file("music/whose.tsv", "path\tartist\ttitle\nx.wav\tBob\tLand\n");
  tie({.music = {music}, .lyrics = {}, .corrections = table});
  EXPECT_EQ(file_named(files, "x.wav").track, 1);
  EXPECT_EQ(file_named(files, "x.wav").how, tied::by_correction);
}

TEST_F(MusicFiles, KnownOnlyAddsNothing) {
  scratch.file("music/e.wav", sound_of("Eve", "Ice"));
  EXPECT_EQ(tie({.music = {music}, .lyrics = {}, .corrections = {}, .only_known = true}).added, 0);
  EXPECT_EQ(Tracks::load(data / "tracks.parquet").size(), 4);
}

TEST_F(MusicFiles, WordsComeFromBesideThemAndFromTables) {
  scratch.file("music/a.wav", sound_of("Ann", "Sea"));
  scratch.file("music/a.lrc", "[00:01.00]Down to the sea");
  scratch.file("music/b.wav", sound_of("Bob", "Land"));
  scratch.file("music/b.txt", "[Instrumental]");
  scratch.file("music/readme.txt", "not a song");
  scratch.file("music/far.lrc", "[ar:Eve]\n[ti:Ice]\nNobody has this");
  const auto report = tie({.music = {music}, .lyrics = {scratch.file("l.csv", "artist,title,lyrics\nAnn,Sea,\"From a table,\nin two lines\"\n")}});
  const auto lyrics = load_lyrics(data);
  ASSERT_EQ(lyrics.size(), 2u);
  EXPECT_EQ(lyrics[0].text, "From a table,\nin two lines");
  EXPECT_EQ(lyrics[0].source, "table");
  EXPECT_TRUE(lyrics[1].instrumental);
  EXPECT_EQ(report.lyrics_untied, 1);
  EXPECT_EQ(tie().lyrics.at("lrc"), 1);  // without the table the file beside it says it anew
}

TEST_F(MusicFiles, FilesThatAreGoneAreForgotten) {
  const Path gone = scratch.file("music/a.wav", sound_of("Ann", "Sea"));
  scratch.file("elsewhere/b.wav", sound_of("Bob", "Land"));
  tie({.music = {music, scratch / "elsewhere"}});
  EXPECT_EQ(files.size(), 2u);
  std::filesystem::remove(gone);
  tie();
  ASSERT_EQ(files.size(), 1u);  // the other folder was not asked for, and stays
  EXPECT_EQ(files[0].track, 1);
}

TEST_F(MusicFiles, StrangeFilesAndLinksDoNoHarm) {
  scratch.file("music/empty.mp3", "");
  scratch.file("music/text.flac", "this is no sound");
  scratch.file("music/sub/a.wav", sound_of("Ann", "Sea"));
  std::filesystem::create_directory_symlink(music, music / "sub" / "loop");
  std::filesystem::create_symlink(scratch / "nowhere", music / "lost.mp3");
  const auto report = tie();
  EXPECT_EQ(report.files, 3);
  EXPECT_EQ(report.tied.at(tied::unreadable), 2);
  EXPECT_EQ(report.added, 0);
  ASSERT_EQ(report.problems.size(), 3u);
  EXPECT_NE(report.problems[0].find("lost.mp3"), std::string::npos);
  EXPECT_NE(report.problems[1].find("empty.mp3"), std::string::npos);
  EXPECT_NE(report.problems[2].find("text.flac"), std::string::npos);
  EXPECT_THROW(tie({.music = {scratch / "nowhere"}}), Error);
}

TEST(PathNames, ReadsHowPeopleCallTheirFiles) {
  const auto names = [](const char* path) {
    const auto got = path_names(path, "/m");
    return got.artist + "|" + got.title;
  };
  EXPECT_EQ(names("/m/Ann - Sea.mp3"), "Ann|Sea");
  EXPECT_EQ(names("/m/x/01. Ann - Sea.mp3"), "Ann|Sea");
  EXPECT_EQ(names("/m/Ann/Songs/07 Sea.mp3"), "Ann|Sea");
  EXPECT_EQ(names("/m/Ann/Songs/1-07 Sea.mp3"), "Ann|Sea");
  EXPECT_EQ(names("/m/Ann/99 Luftballons.mp3"), "Ann|Luftballons");  // a number before a title looks like a track's
  EXPECT_EQ(names("/m/Ann/1999.mp3"), "Ann|1999");
  EXPECT_EQ(names("/m/Ann/by_the_sea.ogg"), "Ann|by the sea");
  EXPECT_EQ(names("/m/sea.ogg"), "m|sea");
}

TEST(ContentHash, TellsContentsApartAndNotTheirTime) {
  const Scratch scratch;
  const auto hash = [&](const std::string& bytes) { return content_hash(scratch.file("a", bytes), static_cast<int64_t>(bytes.size())); };
  std::string big(300'000, 'a');
  const auto first = hash(big);
  EXPECT_EQ(hash(big), first);
  big.back() = 'b';
  EXPECT_NE(hash(big), first);
  EXPECT_NE(hash(""), hash("a"));
}

}  // namespace
}  // namespace segue
