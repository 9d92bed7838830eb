#include "annotation/gene_table.h"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <parquet/arrow/writer.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/table.h"
#include "listening/tracks.h"
#include "support/archives.h"
#include "support/logs.h"
#include "support/saved_tracks.h"

namespace segue {
namespace {

/// A data folder of three tracks.
class GeneTables : public testing::Test {
 protected:
  GeneTables() {
    save_tracks(data, {{"Ann", "Sea", "id-0"}, {"Bob", "Land", ""}, {"Cid", "Sky", ""}});
  }

  GeneTable read(const std::string& name, const std::string& text, GeneScale scale = GeneScale::by_values) const {
    return read_gene_table(data, scratch.file(name, text), scale);
  }
  std::string refusal(const std::string& name, const std::string& text, GeneScale scale = GeneScale::by_values) const {
    return error_of([&] { read(name, text, scale); });
  }

  Scratch scratch;
  Path data = scratch / "data";
};

/// "0:tempo=2.5,organ=1 2:tempo=3": what is known, track by track.
std::string known(const GeneTable& table) {
  std::vector<std::string> tracks;
  for (const auto& [track, values] : table.tracks) {
    std::vector<std::string> some;
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i]) some.push_back(fmt::format("{}={:.4g}", genes()[i].key, *values[i]));
    }
    tracks.push_back(fmt::format("{}:{}", track, fmt::join(some, ",")));
  }
  return fmt::format("{}", fmt::join(tracks, " "));
}

/// 58 numbers from `first` on, each `step` more, divided by `between`.
std::string fifty_eight(double first, double step, const std::string& between) {
  std::string text;
  for (int64_t i = 0; i < gene_count; ++i) text += (i > 0 ? between : "") + fmt::format("{:.3f}", first + step * static_cast<double>(i));
  return text;
}

/// A Parquet table of ids and lists; an empty list is null.
void write_lists(const Path& path, const std::vector<std::pair<std::string, std::vector<double>>>& rows) {
  arrow::StringBuilder ids;
  auto numbers = std::make_shared<arrow::DoubleBuilder>();
  arrow::ListBuilder lists(arrow::default_memory_pool(), numbers);
  bool good = true;
  for (const auto& [id, values] : rows) {
    good = good && ids.Append(id).ok() && (values.empty() ? lists.AppendNull() : lists.Append()).ok() && numbers->AppendValues(values).ok();
  }
  const auto schema = arrow::schema({arrow::field("id", arrow::utf8()), arrow::field("gene_values", arrow::list(arrow::float64()))});
  const auto table = arrow::Table::Make(schema, {ids.Finish().ValueOrDie(), lists.Finish().ValueOrDie()});
  const auto out = arrow::io::FileOutputStream::Open(path.string()).ValueOrDie();
  good = good && parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), out).ok() && out->Close().ok();
  if (!good) throw std::runtime_error("a table could not be written");
}

TEST_F(GeneTables, FindsGenesHoweverTheirColumnsAreSpelt) {
  const auto table = read("t.tsv", "Artist-like\tartist\ttitle\tMinor / Major Key Tonality\ttempo\tReed instrument\tyear\n"
                                   "x\tcid\tSKY\t5\t2.5\t0\t1999\nx\tZoe\tMoon\t1\t1\t1\t2000\nx\tAnn\tSea (Remastered)\t0.5\t\t4\t2001\n");
  EXPECT_EQ(known(table), "0:minor_major_key_tonality=0.5,reed_instrument=4 2:minor_major_key_tonality=5,tempo=2.5,reed_instrument=0");
  EXPECT_EQ(table.report.rows, 3);
  EXPECT_EQ(table.report.tied, 2);
  EXPECT_EQ(table.report.tracks, 2);
  EXPECT_EQ(table.report.genes, (std::vector<int64_t>{7, 9, 34}));
  EXPECT_EQ(table.report.ignored, (std::vector<std::string>{"Artist-like", "year"}));
  EXPECT_EQ(table.report.values, 5);
  EXPECT_EQ(table.report.missing, 1);
  EXPECT_EQ(Tracks::load(data / "tracks.parquet").size(), 3);  // Zoe's is none of ours
}

TEST_F(GeneTables, TheFirstRowOfATrackCountsThatHoldsAnything) {
  const auto table = read("t.csv", "id,artist,title,tempo\n,Ann,Sea,\nid-0,,,3\n,Ann,Sea,4\n,Ann,Moon,5\n");
  EXPECT_EQ(known(table), "0:tempo=3");
  EXPECT_EQ(table.report.tied, 3);
  EXPECT_EQ(table.report.empty, 1);
  EXPECT_EQ(table.report.repeated, 1);
  EXPECT_EQ(table.report.missing, 0);
}

TEST_F(GeneTables, TakeTheScaleFromTheValues) {
  const std::string head = "artist\ttitle\ttempo\torgan\n";
  const auto one = read("a.tsv", head + "Ann\tSea\t0.5\t1\nBob\tLand\t0\t0.3\n");
  EXPECT_EQ(known(one), "0:tempo=2.5,organ=5 1:tempo=0,organ=1.5");
  EXPECT_EQ(one.report.scale, GeneScale::one);
  const auto five = read("b.tsv", head + "Ann\tSea\t0.5\t1\nZoe\tMoon\t0\t1.5\n");  // of no track, but of the table
  EXPECT_EQ(known(five), "0:tempo=0.5,organ=1");
  EXPECT_EQ(five.report.scale, GeneScale::five);
  EXPECT_EQ(five.report.above_one, 1);
  EXPECT_EQ(five.report.on_scales, 4);
  const auto beats = read("c.tsv", head + "Ann\tSea\t120\t1\n");  // beats a minute are on neither scale
  EXPECT_EQ(known(beats), "0:organ=5");
  EXPECT_EQ(beats.report.outside, 1);
}

TEST_F(GeneTables, TheScaleCanBeSaid) {
  const std::string text = "artist\ttitle\ttempo\torgan\nAnn\tSea\t0.5\t1\nBob\tLand\t1.5\t0.2\n";
  EXPECT_EQ(known(read("t.tsv", text, GeneScale::five)), "0:tempo=0.5,organ=1 1:tempo=1.5,organ=0.2");
  const auto one = read("t.tsv", text, GeneScale::one);
  EXPECT_EQ(known(one), "0:tempo=2.5,organ=5 1:organ=1");
  EXPECT_EQ(one.report.outside, 1);
  EXPECT_TRUE(one.report.scale_was_given);
}

TEST_F(GeneTables, WhatIsNoValueIsMissingAndCounted) {
  const auto table = read("t.tsv", "artist\ttitle\ttempo\torgan\tpiano\trhodes\tbackbeat\tpercussion\n"
                                   "Ann\tSea\tnan\t-0.5\t5.5\tloud\t 2 \tNone\nBob\tLand\tinf\t1e999\t0x1\t3,5\t5\t-\n");
  EXPECT_EQ(known(table), "0:backbeat=2 1:backbeat=5");
  EXPECT_EQ(table.report.values, 2);
  EXPECT_EQ(table.report.missing, 10);
  EXPECT_EQ(table.report.outside, 2);
  EXPECT_EQ(table.report.unreadable, 5);  // loud, inf, 1e999, 0x1, "3,5"
}

TEST_F(GeneTables, TakeOneColumnOfAllNumbers) {
  for (const std::string between : {", ", " ", ";", "\t", "\n  "}) {
    const auto table = read("t.csv", "artist,title,tempo,gene_values\nAnn,Sea,120,\"[" + fifty_eight(0, 0.01, between) + "]\"\n");
    ASSERT_EQ(table.tracks.size(), 1u);
    for (size_t i = 0; i < 58; ++i) EXPECT_NEAR(*table.tracks[0].genes[i], 0.05 * static_cast<double>(i), 1e-6);
    EXPECT_EQ(table.report.scale, GeneScale::one);
    EXPECT_EQ(table.report.ignored, std::vector<std::string>{"tempo"});  // beside all of them
  }
  const auto holes = read("t.tsv", "artist\ttitle\tgene_values\nAnn\tSea\t[nan,,None, " + fifty_eight(1, 0.05, ",").substr(18) + "]\nBob\tLand\t1 2 3\nCid\tSky\t\n");
  EXPECT_EQ(holes.report.values, 55);
  EXPECT_EQ(holes.report.missing, 3);
  EXPECT_EQ(holes.report.misshapen, 1);
  EXPECT_EQ(holes.report.empty, 2);
}

TEST_F(GeneTables, ReadWhatIsCompressed) {
  write_archive(scratch / "t.tsv.gz", Packing::gz, {{"t.tsv", "artist\ttitle\ttempo\nAnn\tSea\t3\n"}});
  EXPECT_EQ(known(read_gene_table(data, scratch / "t.tsv.gz")), "0:tempo=3");
}

TEST_F(GeneTables, ReadParquet) {
  Texts artist, title, words, all;
  for (const char* name : {"Ann", "Bob"}) artist.push_back(name);
  for (const char* name : {"Sea", "Land"}) title.push_back(name);
  for (const char* text : {"0.2", "much"}) words.push_back(text);
  write_table(scratch / "t.parquet", {{"artist", artist, {}}, {"title", title, {}}, {"Tempo", std::vector<float>{0.4f, 0.1f}, {1, 0}},
                                      {"organ", std::vector<int64_t>{1, 0}, {}}, {"piano", words, {}}, {"year", std::vector<int32_t>{1, 2}, {}}});
  const auto table = read_gene_table(data, scratch / "t.parquet");
  EXPECT_EQ(known(table), "0:tempo=2,piano=1,organ=5 1:organ=0");
  EXPECT_EQ(table.report.missing, 2);
  EXPECT_EQ(table.report.unreadable, 1);
  EXPECT_EQ(table.report.ignored, std::vector<std::string>{"year"});

  for (const auto& text : {fifty_eight(0, 0.01, ", "), fifty_eight(0, 0.02, " ")}) all.push_back("[" + text + "]");
  write_table(scratch / "u.parquet", {{"artist", artist, {}}, {"title", title, {}}, {"gene_values", all, {}}});
  EXPECT_EQ(read_gene_table(data, scratch / "u.parquet").report.values, 116);
  write_table(scratch / "v.parquet", {{"artist", artist, {}}, {"title", title, {}}, {"gene_values", std::vector<float>{1, 2}, {}}});
  EXPECT_NE(error_of([&] { read_gene_table(data, scratch / "v.parquet"); }).find("holds 1 numbers in a row; 58"), std::string::npos);
}

TEST_F(GeneTables, ReadListsOfParquet) {
  std::vector<double> numbers;
  for (int i = 0; i < gene_count; ++i) numbers.push_back(0.01 * i);
  numbers[3] = std::nan("");
  write_lists(scratch / "t.parquet", {{"none", numbers}, {"id-0", {}}, {"id-0", numbers}});
  const auto table = read_gene_table(data, scratch / "t.parquet");
  ASSERT_EQ(table.tracks.size(), 1u);
  EXPECT_NEAR(*table.tracks[0].genes[57], 2.85, 1e-6);
  EXPECT_FALSE(table.tracks[0].genes[3]);
  EXPECT_EQ(table.report.values, 57);
  EXPECT_EQ(table.report.empty, 1);
  numbers.pop_back();
  write_lists(scratch / "u.parquet", {{"id-0", numbers}});
  EXPECT_NE(error_of([&] { read_gene_table(data, scratch / "u.parquet"); }).find("holds 57 numbers in a row; 58"), std::string::npos);
}

TEST_F(GeneTables, SayWhatIsWrongWithAFile) {
  EXPECT_NE(error_of([&] { read_gene_table(data, scratch / "none.tsv"); }).find("no such file"), std::string::npos);
  EXPECT_NE(refusal("a.tsv", "who\ttempo\nAnn\t1\n").find("artist and title"), std::string::npos);
  EXPECT_NE(refusal("b.tsv", "artist\ttitle\tyear\nAnn\tSea\t1\n").find("no column is a gene; wanted are some of the 58"), std::string::npos);
  EXPECT_NE(refusal("c.tsv", "artist\ttitle\ttempo\nZoe\tMoon\t1\n").find("1 rows, and none is of a track"), std::string::npos);
  EXPECT_NE(refusal("d.tsv", "artist\ttitle\ttempo\nAnn\tSea\t7\n").find("1 rows are of tracks of"), std::string::npos);
  EXPECT_NE(refusal("e.tsv", "artist\ttitle\ttempo\tTempo\nAnn\tSea\t1\t1\n").find("columns 'tempo' and 'Tempo' are the same gene"), std::string::npos);
  EXPECT_NE(refusal("f.tsv", "artist\ttitle\tgene_values\nAnn\tSea\t1 2\n").find("no row of 'gene_values' has 58 numbers"), std::string::npos);
  EXPECT_NE(refusal("g.tsv", "artist\ttitle\ttempo\nAnn\tSea\n").find("row 2 has 2 fields"), std::string::npos);
  EXPECT_NE(refusal("h.parquet", "no parquet").find("h.parquet"), std::string::npos);
  for (const auto& bad : {refusal("b.tsv", "artist\ttitle\tye\x1b[31mar\nAnn\tSea\t1\n"), refusal("h.parquet", "no parquet")}) {
    EXPECT_EQ(bad.find('\n'), std::string::npos);
    EXPECT_EQ(bad.find('\x1b'), std::string::npos);
  }
}

TEST_F(GeneTables, AColumnWithoutANameIsNoId) {
  Tracks tracks;
  tracks.add("Ann", "Sea", "7");
  tracks.add("Bob", "Land", "8");
  tracks.save(data / "tracks.parquet");
  EXPECT_EQ(known(read("t.csv", ",artist,title,?tempo\n8,Ann,Sea,2\n7,Bob,Land,4\n")), "0:tempo=2 1:tempo=4");
}

TEST_F(GeneTables, AReportSaysAllOfIt) {
  const auto table = read("t.tsv", "artist\ttitle\ttempo\torgan\tyear\nAnn\tSea\t0.5\tx\t1\nBob\tLand\t3\t9\t2\nZoe\tMoon\t1\t1\t1\nAnn\tSea\t2\t2\t1\nCid\tSky\t\t\t1\n");
  EXPECT_EQ(text_of(table.report),
            "5 rows, 4 of them of a track that is here, 1 of one that came before, 1 without a value\n"
            "2 of 58 genes have a column; 1 columns are none: year\n"
            "scale 0 to 5, for 3 of 6 values are above 1\n"
            "2 tracks have 2 values; 2 are missing, 1 of them outside the scale and 1 no numbers\n");
  const auto json = to_json(table.report);
  EXPECT_EQ(json["rows"], 5);
  EXPECT_EQ(json["tied"], 4);
  EXPECT_EQ(json["tracks"], 2);
  EXPECT_EQ(json["repeated"], 1);
  EXPECT_EQ(json["empty"], 1);
  EXPECT_EQ(json["missing"], 2);
  EXPECT_EQ(json["outside"], 1);
  EXPECT_EQ(json["unreadable"], 1);
  EXPECT_EQ(json["scale"], 5);
  EXPECT_EQ(json["genes"], nlohmann::ordered_json::parse(R"(["tempo", "organ"])"));
  EXPECT_EQ(json["ignored_columns"], nlohmann::ordered_json::parse(R"(["year"])"));
}

}  // namespace
}  // namespace segue
