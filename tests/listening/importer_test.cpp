#include "listening/importer.h"

#include <gtest/gtest.h>

#include <set>

#include "core/random.h"
#include "support/archives.h"
#include "support/kept_rows.h"
#include "support/oracles.h"
#include "support/scratch.h"

namespace segue {
namespace {

/// A log with one play, in every format.
const std::map<std::string, std::string>& samples() {
  static const std::map<std::string, std::string> texts{
      {"lastfm-1k", "u1\t2009-05-04T23:08:57Z\ta1\tAnn\tt1\tOne\n"},
      {"lastfm-csv", "artist,album,track,date\nAnn,Al,One,\"04 May 2009, 23:08\"\n"},
      {"listenbrainz",
       "{\"listened_at\":1241478537,\"track_metadata\":{\"artist_name\":\"Ann\",\"track_name\":\"One\"}}\n"},
      {"recbole", "user_id:token\titem_id:token\ttimestamp:float\nu1\tt1\t1241478537\n"},
      {"spotify-account", R"([{"endTime":"2009-05-04 23:08","artistName":"Ann","trackName":"One","msPlayed":1000}])"},
      {"spotify-extended",
       R"([{"ts":"2009-05-04T23:08:57Z","ms_played":1000,"master_metadata_track_name":"One","master_metadata_album_artist_name":"Ann"}])"},
  };
  return texts;
}

std::string error_of(const Source& source, const std::string& format = "") {
  try {
    recognise(source, format);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

class EveryImporter : public testing::TestWithParam<std::string> {};

TEST_P(EveryImporter, ReadsItsSampleInBlocksOfAnySize) {
  const std::string& text = samples().at(GetParam());
  for (size_t block = 1; block <= text.size(); ++block) {
    const auto rows = read_rows(GetParam(), {{"log", text}}, block);
    ASSERT_EQ(rows.kept.size(), 1u) << block << rows.error;
    EXPECT_TRUE(rows.refused.empty());
    EXPECT_NEAR(static_cast<double>(rows.kept[0].start_ms), 1241478537e3, 61e3);
  }
}

TEST_P(EveryImporter, IsTheOnlyOneToRecogniseItsSample) {
  const std::string& text = samples().at(GetParam());
  std::string windows;
  for (const char c : text) windows += c == '\n' ? "\r\n" : std::string(1, c);
  for (const std::string& variant : {text, windows, "\xef\xbb\xbf" + text}) {
    const MemorySource source({{"notes.txt", "hello\n"}, {"some/log.data", variant}});
    EXPECT_EQ(recognise(source, "").format, GetParam());
    EXPECT_EQ(recognise(source, GetParam()).files, std::vector<std::string>{"some/log.data"});
    EXPECT_EQ(read_rows(GetParam(), {{"log", variant}}).kept, read_rows(GetParam(), {{"log", text}}).kept);
    for (const auto& [name, make] : importers()) EXPECT_EQ(make({})->recognises("log", variant), name == GetParam()) << name;
  }
}

TEST_P(EveryImporter, GivesNothingForNothing) {
  const auto rows = read_rows(GetParam(), {{"log", ""}});
  EXPECT_TRUE(rows.kept.empty());
  EXPECT_TRUE(rows.refused.empty());
  EXPECT_FALSE(importers().at(GetParam())({})->recognises("log", ""));
}

TEST_P(EveryImporter, CountsEveryRowOnceWhateverBytesCome) {
  const std::string& sample = samples().at(GetParam());
  Random random(1);
  for (int round = 0; round < 300; ++round) {
    std::string text = sample + sample;
    for (int change = 0; change < 8; ++change) text[random.below(text.size())] = static_cast<char>(random.below(256));
    if (round % 3 == 0) text.resize(random.below(text.size()));
    const auto rows = read_rows(GetParam(), {{"log", text}}, 1 + random.below(64));
    std::set<int64_t> seen;
    for (const auto& play : rows.kept) EXPECT_TRUE(seen.insert(play.row).second);
    for (const auto& [row, why] : rows.refused) EXPECT_TRUE(seen.insert(row).second);
    EXPECT_TRUE(seen.empty() || *seen.rbegin() == static_cast<int64_t>(seen.size()));
  }
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryImporter, testing::ValuesIn(importers().names()), [](const auto& row) {
  std::string name = row.param;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
});

TEST(Recognise, FindsTheLogAmongTheFilesItIsPublishedWith) {
  const Scratch scratch;
  write_archive(scratch / "lastfm.tar.gz", Packing::tar_gz,
                {{"set/README.txt", "About this data set\n"},
                 {"set/userid-profile.tsv", "#id\tgender\tage\tcountry\tregistered\nuser_1\tm\t\tJapan\tAug 13, 2006\n"},
                 {"set/log.tsv", samples().at("lastfm-1k")}});
  const auto found = recognise(*Source::open(scratch / "lastfm.tar.gz"), "");
  EXPECT_EQ(found.format, "lastfm-1k");
  EXPECT_EQ(found.files, std::vector<std::string>{"set/log.tsv"});
}

TEST(Recognise, SaysWhatKeepsAFileFromBeingReadAtAll) {
  const Scratch scratch;
  const std::string wide("\xff\xfe" "a\0r\0t\0i\0s\0t\0", 14);
  EXPECT_NE(error_of(*Source::open(scratch.file("wide.csv", wide))).find("wide.csv: is text in UTF-16; save it as UTF-8"),
            std::string::npos);
  const std::string text = std::string(5000, ' ') + samples().at("spotify-account");
  write_archive(scratch / "log.zip", Packing::zip, {{"log.json", text}});
  const std::string bytes = with_size(read_file(scratch / "log.zip"), static_cast<uint32_t>(text.size()), 100);
  const std::string lies = error_of(*Source::open(scratch.file("small.zip", bytes)));
  EXPECT_NE(lies.find("wrong size (read 5085, expected 100); is it whole?"), std::string::npos) << lies;
}

TEST(Recognise, OfOneFileSaysHowToLearnMore) {
  EXPECT_NE(error_of(MemorySource(MemoryFiles{{"log.csv", "1,2,3\n"}})).find("--format NAME says what it lacks"), std::string::npos);
  const auto spoilt = read_rows("lastfm-csv", {{"log.csv", "1,2,3\n"}});
  EXPECT_TRUE(spoilt.error.starts_with("memory: no columns for artist, track and date")) << spoilt.error;
}

TEST(Recognise, SaysWhatItFound) {
  const MemorySource nothing({{"a.txt", "hello"}, {"b.txt", ""}});
  EXPECT_EQ(
      error_of(nothing),
      "memory: no file here is a log of a known format (lastfm-1k, lastfm-csv, listenbrainz, recbole, spotify-account, "
      "spotify-extended); found: a.txt, b.txt");
  const MemorySource both({{"a", samples().at("lastfm-1k")}, {"b", samples().at("recbole")}});
  EXPECT_EQ(error_of(both), "memory: logs of several formats lie side by side: lastfm-1k (a); recbole (b); name one with --format");
  EXPECT_EQ(recognise(both, "recbole").files, std::vector<std::string>{"b"});
  EXPECT_NE(error_of(both, "winamp").find("no log format 'winamp'"), std::string::npos);
}

TEST(Recognise, BelievesWhoeverNamesTheFormatOfTheOneFile) {
  EXPECT_EQ(recognise(MemorySource(MemoryFiles{{"a", "spoilt\n"}}), "lastfm-1k").files, std::vector<std::string>{"a"});
}

TEST(Recognise, LooksPastRowsThatAreSpoilt) {
  const std::string play = samples().at("spotify-account").substr(1);
  EXPECT_EQ(recognise(MemorySource(MemoryFiles{{"a", "[1, {}, " + play}, {"b", "\n{}"}}), "").format, "spotify-account");
}

TEST(Recognise, TakesAListOfSongsForNoLog) {
  EXPECT_NE(error_of(MemorySource(MemoryFiles{{"a.csv", "Ann,Al,One,1.5\n"}})), "");
  EXPECT_NE(error_of(MemorySource(MemoryFiles{{"a.json", R"([{"name":"One"}])"}, {"b.jsonl", "{\"name\":1}\n"}})), "");
}

void expect_all_rows(const Path& folder, const std::string& format) {
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no real data at " << folder;
  size_t logs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto source = Source::open(entry.path());
    const auto found = recognise(*source, "");
    EXPECT_EQ(found.format, format);
    KeptRows rows;
    importers().at(found.format)({})->read(*source, found.files, rows);
    EXPECT_FALSE(rows.kept.empty()) << entry.path();
    EXPECT_EQ(rows.refused.size(), 0u) << entry.path();
    ++logs;
  }
  EXPECT_GT(logs, 0u);
}

TEST(RealData, OfAccountsIsReadWhole) { expect_all_rows(real_data() / "listening", "spotify-account"); }
TEST(RealData, OfAnExtendedHistoryIsReadWhole) { expect_all_rows(real_data() / "listening_extended", "spotify-extended"); }
TEST(RealData, OfLastfm1kIsReadWhole) { expect_all_rows(real_data() / "lastfm1k", "lastfm-1k"); }

}  // namespace
}  // namespace segue
