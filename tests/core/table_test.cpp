#include "core/table.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "support/scratch.h"

namespace segue {
namespace {

Texts words(std::initializer_list<std::string_view> all) {
  Texts texts;
  for (const auto word : all) texts.push_back(word);
  return texts;
}

Flags flags(std::initializer_list<uint8_t> all) {
  Flags out;
  out.assign(all);
  return out;
}

Table first_group() {
  return {{"tiny", std::vector<int8_t>{-1, 127}, {}},
          {"small", std::vector<int16_t>{-300, 300}, {}},
          {"number", std::vector<int32_t>{5, 0}, {1, 0}},
          {"time", std::vector<int64_t>{-5, int64_t{1} << 40}, {}},
          {"share", std::vector<float>{0.5f, -1}, {}},
          {"exact", std::vector<double>{1e300, 0}, {1, 1}},
          {"flag", flags({1, 0}), {}},
          {"word", words({"a\tb", ""}), {0, 1}}};
}

Table second_group() {
  return {{"tiny", std::vector<int8_t>{3}, {}}, {"small", std::vector<int16_t>{4}, {}}, {"number", std::vector<int32_t>{6}, {1}},
          {"time", std::vector<int64_t>{7}, {}}, {"share", std::vector<float>{8}, {}}, {"exact", std::vector<double>{0}, {0}},
          {"flag", flags({1}), {}}, {"word", words({"c"}), {1}}};
}

void write_both(const Path& path) {
  TableWriter writer(path, {{"made", "here"}});
  writer.write(first_group());
  writer.write(second_group());
  writer.close();
}

TEST(Table, ComesBackWholeFromAFileOfSeveralRowGroups) {
  const Scratch scratch;
  write_both(scratch / "t.parquet");
  Table table = read_table(scratch / "t.parquet");
  EXPECT_EQ(rows(table), 3u);
  EXPECT_EQ(values<int8_t>(table, "tiny"), (std::vector<int8_t>{-1, 127, 3}));
  EXPECT_EQ(values<int16_t>(table, "small"), (std::vector<int16_t>{-300, 300, 4}));
  EXPECT_EQ(values<int32_t>(table, "number"), (std::vector<int32_t>{5, 0, 6}));
  EXPECT_EQ(known(table, "number"), (std::vector<uint8_t>{1, 0, 1}));
  EXPECT_EQ(values<int64_t>(table, "time"), (std::vector<int64_t>{-5, int64_t{1} << 40, 7}));
  EXPECT_TRUE(known(table, "time").empty());
  EXPECT_EQ(values<float>(table, "share"), (std::vector<float>{0.5f, -1, 8}));
  EXPECT_EQ(values<double>(table, "exact"), (std::vector<double>{1e300, 0, 0}));
  EXPECT_EQ(known(table, "exact"), (std::vector<uint8_t>{1, 1, 0}));
  EXPECT_EQ(values<uint8_t>(table, "flag"), (std::vector<uint8_t>{1, 0, 1}));
  ASSERT_EQ(texts(table, "word").size(), 3u);
  EXPECT_EQ(texts(table, "word")[2], "c");
  EXPECT_EQ(known(table, "word"), (std::vector<uint8_t>{0, 1, 1}));
}

TEST(TableReader, ReadsARowGroupInTheRoomOfAnother) {
  const Scratch scratch;
  write_both(scratch / "t.parquet");
  const TableReader reader(scratch / "t.parquet", {"number", "word"});
  EXPECT_EQ(reader.groups(), 2);
  EXPECT_EQ(reader.rows(0), 2);
  EXPECT_EQ(reader.metadata()["made"], "here");
  Table table;
  for (const int group : {0, 1, 0}) reader.read(group, table);
  EXPECT_EQ(values<int32_t>(table, "number"), (std::vector<int32_t>{5, 0}));
  EXPECT_EQ(known(table, "number"), (std::vector<uint8_t>{1, 0}));
  reader.read(1, table);
  EXPECT_EQ(values<int32_t>(table, "number"), (std::vector<int32_t>{6}));
  EXPECT_TRUE(known(table, "number").empty());
  EXPECT_EQ(texts(table, "word")[0], "c");
}

TEST(TableReader, SaysWhichColumnIsMissingAndWhatIsNoTable) {
  const Scratch scratch;
  write_both(scratch / "t.parquet");
  EXPECT_THROW(read_table(scratch / "t.parquet", {"year"}), Error);
  EXPECT_THROW(read_table(scratch / "nothing.parquet"), Error);
  EXPECT_THROW(read_table(scratch.file("text.parquet", "not a table at all")), Error);
}

TEST(TableReader, DoesNotTakeADamagedFileForAWholeOne) {
  const Scratch scratch;
  write_table(scratch / "t.parquet", {{"word", words({std::string(5000, 'x'), "y"}), {}}});
  std::string bytes = read_file(scratch / "t.parquet");
  for (size_t i = 4; i < 40; ++i) bytes[i] = '\x7f';
  EXPECT_THROW(read_table(scratch.file("damaged.parquet", bytes)), Error);
}

TEST(TableWriter, KeepsToWhatTheFirstRowGroupSaidIsAlwaysKnown) {
  const Scratch scratch;
  TableWriter writer(scratch / "t.parquet");
  writer.write(Table{{"n", std::vector<int32_t>{1}, {}}});
  EXPECT_THROW(writer.write(Table{{"n", std::vector<int32_t>{0}, {0}}}), std::invalid_argument);
}

TEST(Texts, ArePaddedWithEmptyOnes) {
  Texts texts = words({"a"});
  texts.pad(3);
  texts.push_back("b");
  texts.pad(2);
  ASSERT_EQ(texts.size(), 4u);
  EXPECT_EQ(texts[2], "");
  EXPECT_EQ(texts[3], "b");
}

}  // namespace
}  // namespace segue
