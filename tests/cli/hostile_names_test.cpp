// Names are what strangers wrote: nothing that the program shows may be taken for anything but text.
#include <gtest/gtest.h>

#include "core/table.h"
#include "support/logs.h"
#include "support/program.h"

namespace segue {
namespace {

const std::vector<std::string> names = {
    "\x1b[31mred\x1b[0m \x1b]0;title\x07",         // escapes of a terminal
    "left\u202Etfel \u2066x\u2069 \u200Fy",        // marks that turn the direction
    "two\nlines\rback",                            // in formats that can say it
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "=HYPERLINK(\"http://x\";\"y\")",
    "+cmd|' /C calc'!A0",
    "| pipe | `code` [link](http://x) *bold*",
    "quote \" ' & &lt; </td>",
    std::string("nul\0byte", 8),
    "\u0085next \u2028line",
};

/// An account export in which each name is an artist and a title, heard again and again by a listener of such a name.
std::string hostile_export() {
  nlohmann::json rows = nlohmann::json::array();
  for (int i = 0; i < 400; ++i) {
    const std::string& name = names[static_cast<size_t>(7 * i) % names.size()];
    rows.push_back(nlohmann::json::parse(heard_row(10 * i, "x", 60'000 + i)));
    rows.back()["artistName"] = name;
    rows.back()["trackName"] = name + " " + std::to_string(i % 3);
  }
  return rows.dump();
}

struct World {
  World() {
    const auto imported = segue_program({"import", scratch.file("log.json", hostile_export()).string(), "--into",
                                         data(), "--listener", names[3] + names[0], "--time-zone", "UTC"});
    import_text = imported.out + imported.err;
    EXPECT_EQ(imported.code, 0) << imported.err;
    EXPECT_EQ(segue_program({"prepare", data(), "--protocol", "segue-own"}).code, 0);
  }
  std::string data() const { return (scratch / "data").string(); }
  Scratch scratch;
  std::string import_text;
};

const World& world() {
  static const World one;
  return one;
}

void expect_plain(const std::string& text) {
  for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 32) << static_cast<int>(c);
  EXPECT_EQ(text.find('\x7f'), std::string::npos);
  for (const char* mark : {"\u202E", "\u2066", "\u2069", "\u200F", "\u0085", "\u2028"}) EXPECT_EQ(text.find(mark), std::string::npos);
}

TEST(HostileNames, StayTextOnATerminal) {
  expect_plain(world().import_text);
  const auto list = segue_program({"recommend", world().data(), "--listener", names[3] + names[0], "--ranker", "repeat-plays"});
  EXPECT_EQ(list.code, 0) << list.err;
  expect_plain(list.out + list.err);
  EXPECT_NE(list.out.find(" red "), std::string::npos);
  EXPECT_EQ(std::count(list.out.begin(), list.out.end(), '\n'), 22);  // a heading, a line and twenty tracks
  const auto unknown = segue_program({"recommend", world().data(), "--listener", "nobody\x1b[2J"});
  EXPECT_EQ(unknown.code, 1);
  expect_plain(unknown.err);
}

TEST(HostileNames, StayTextInMessagesAboutFiles) {
  const Scratch scratch;
  const auto ran = segue_program({"import", scratch.file("\x1b[2Jlog\n.tsv", "no log\n").string(), "--into", (scratch / "data").string()});
  EXPECT_EQ(ran.code, 1);
  expect_plain(ran.out + ran.err);
}

TEST(HostileNames, StayTextInThePageAndTheTable) {
  const auto ran = segue_program({"evaluate", world().data(), "--protocol", "segue-own", "--ranker", "follow",
                                  "--ranker", "popular", "--resamples", "100"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  expect_plain(ran.out);
  const Path folder = Path(world().data()) / "evaluations" / "segue-own";
  EXPECT_EQ(read_file(folder / "page.html").find("<script>alert"), std::string::npos);
  EXPECT_EQ(read_file(folder / "table.md").find("<script>"), std::string::npos);
  expect_plain(read_file(folder / "table.md"));
}

TEST(HostileNames, ComeThroughJsonAsTheyAre) {
  const auto ran = segue_program(
      {"recommend", world().data(), "--listener", names[3] + names[0], "--ranker", "personal", "-k", "30", "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  std::vector<std::string> artists;
  const auto document = ran.json();
  for (const auto& track : document.at("tracks")) artists.push_back(track.at("artist"));
  EXPECT_NE(std::find(artists.begin(), artists.end(), names[0]), artists.end());
  EXPECT_EQ(ran.out.find('\x1b'), std::string::npos);  // JSON writes it as \u001b
}

TEST(HostileNames, StandInTheTablesByteForByte) {
  Table spellings = read_table(Path(world().data()) / "spellings.parquet", {"artist"});
  std::vector<std::string> kept;
  for (size_t i = 0; i < rows(spellings); ++i) kept.emplace_back(texts(spellings, "artist")[i]);
  for (const size_t n : {0u, 1u, 2u, 3u, 4u, 7u}) {
    const bool heard = hostile_export().find(nlohmann::json(names[n]).dump()) != std::string::npos;
    EXPECT_TRUE(!heard || std::find(kept.begin(), kept.end(), names[n]) != kept.end()) << n;
  }
}

TEST(HostileNames, OfASimulationStayTextToo) {
  const Scratch scratch;
  const auto ran = segue_program({"simulate", "--into", (scratch / "w\x1b[2J").string(), "--listeners", "2", "--plays",
                                  "300", "--tracks", "100", "--audio-tracks", "0", "--extended-listeners", "1"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  expect_plain(ran.out + ran.err);
}

}  // namespace
}  // namespace segue
