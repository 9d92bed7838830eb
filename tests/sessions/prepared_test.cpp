#include "sessions/prepared.h"

#include <gtest/gtest.h>

#include "support/logs.h"

namespace segue {
namespace {

std::string ten_plays(const std::string& who = "ann") {
  std::string text;
  for (int i = 0; i < 10; ++i) text += line(who, 60 * i, std::string(1, static_cast<char>('a' + i % 3)));
  return text;
}

TEST(LoadPrepared, GivesBackWhatWasSaved) {
  const TestData data;
  data.import("log.tsv", ten_plays("ann") + ten_plays("bob"));
  const Prepared made = data.prepare(small_protocol());
  save(made, data.folder());
  const Prepared read = load_prepared(data.folder(), "segue");
  EXPECT_EQ(read.data_hash, made.data_hash);
  EXPECT_EQ(read.log.listeners, made.log.listeners);
  EXPECT_EQ(read.log.first, made.log.first);
  EXPECT_EQ(read.log.track, made.log.track);
  EXPECT_EQ(read.log.start_ms, made.log.start_ms);
  EXPECT_EQ(read.log.moment_ms, made.log.moment_ms);
  EXPECT_EQ(read.log.opens, made.log.opens);
  EXPECT_EQ(read.log.part, made.log.part);
  EXPECT_EQ(read.log.in_catalogue, made.log.in_catalogue);
  EXPECT_EQ(read.log.completion_kind, made.log.completion_kind);
  EXPECT_EQ(read.session, made.session);
  EXPECT_EQ(read.data_track, made.data_track);
  ASSERT_EQ(read.test.size(), made.test.size());
  EXPECT_EQ(read.test[0].target, made.test[0].target);
  EXPECT_EQ(read.train_plays(), made.train_plays());
  EXPECT_EQ(read.protocol.sessions.session, 2);
  EXPECT_EQ(titles(read), titles(made));
}

TEST(LoadPrepared, RefusesWhatWasNeverPreparedAndSaysWhatToDo) {
  const TestData data;
  data.import("log.tsv", ten_plays());
  const auto error = error_of([&] { load_prepared(data.folder(), "segue"); });
  EXPECT_NE(error.find("segue prepare"), std::string::npos) << error;
}

TEST(LoadPrepared, RefusesWhatWasPreparedBeforeTheLastImport) {
  const TestData data;
  data.import("log.tsv", ten_plays());
  save(data.prepare(small_protocol()), data.folder());
  EXPECT_EQ(error_of([&] { load_prepared(data.folder(), "segue"); }), "");
  data.import("more.tsv", ten_plays("bob"));
  const auto error = error_of([&] { load_prepared(data.folder(), "segue"); });
  EXPECT_NE(error.find("prepare"), std::string::npos) << error;
}

TEST(Prepare, SaysWhatToDoInAnEmptyFolder) {
  const TestData data;
  std::filesystem::create_directories(data.folder());
  const auto error = error_of([&] { data.prepare(small_protocol()); });
  EXPECT_NE(error.find("segue import"), std::string::npos) << error;
}

TEST(Prepare, HashesSameDataAlikeAndOtherDataApart) {
  const auto hash = [](const std::string& text, const Protocol& protocol) {
    const TestData data;
    data.import("log.tsv", text);
    return data.prepare(protocol).data_hash;
  };
  Protocol other = small_protocol();
  other.sessions.gap_s = 30;
  const auto once = hash(ten_plays(), small_protocol());
  EXPECT_EQ(once, hash(ten_plays(), small_protocol()));
  EXPECT_NE(once, hash(ten_plays(), other));
  EXPECT_NE(once, hash(ten_plays("bob"), small_protocol()));
  EXPECT_NE(once, hash(ten_plays() + line("ann", 3000, "d"), small_protocol()));
}

TEST(Prepare, NumbersTracksByArtistTitleAndKeyWhereTheyAreRaw) {
  const TestData data;
  data.import("log.tsv", line("ann", 0, "z", "", "Zoe") + line("ann", 1, "b", "", "Ann") + line("ann", 2, "a", "id-9", "Ann"));
  Protocol protocol = small_protocol();
  protocol.sessions.track_key = "raw";
  const Prepared p = data.prepare(protocol);
  ASSERT_EQ(p.key.size(), 3u);
  EXPECT_EQ(p.key[0], "id-9");
  EXPECT_EQ(p.key[1], "trackname_Ann||b");
  EXPECT_EQ(p.key[2], "trackname_Zoe||z");
}

TEST(Prepare, TakesOneTrackForManySpellingsUnlessTheyAreRaw) {
  const std::string text = line("ann", 0, "One") + line("ann", 60, "One (Remastered 2009)") + line("ann", 120, "ONE");
  const TestData data;
  data.import("log.tsv", text);
  Protocol protocol = small_protocol();
  EXPECT_EQ(data.prepare(protocol).log.tracks, 1);
  protocol.sessions.track_key = "raw";
  EXPECT_EQ(data.prepare(protocol).log.tracks, 3);
}

}  // namespace
}  // namespace segue
