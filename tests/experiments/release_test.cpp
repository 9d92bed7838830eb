#include "experiments/release.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "annotation/genes.h"
#include "core/safetensors.h"
#include "core/table.h"
#include "experiments/checksums.h"
#include "experiments/release_names.h"
#include "listening/tracks.h"
#include "shared_folder.h"
#include "signals/stored_arrays.h"

namespace segue {
namespace {

/// All that can be read in a folder: texts of tables, which are packed, and the bytes of other files.
std::string all_text(const Path& folder) {
  std::string text;
  for (const auto& file : files_of(folder)) {
    text += read_file(file) + "\n";
    if (file.extension() != ".parquet") continue;
    for (const auto& column : read_table(file)) {
      if (const auto* texts = std::get_if<Texts>(&column.values)) text += texts->bytes() + "\n";
    }
  }
  return text;
}

void expect_same_bytes(const Path& a, const Path& b) { EXPECT_EQ(read_file(a), read_file(b)) << a; }

TEST(Release, ReadBackIsTheDataFolderThatWasReleased) {
  const Shared shared;
  shared.release();
  const Path back = shared.back(), data = shared.data.folder();
  for (const char* file : {"plays.parquet", "spellings.parquet", "tracks.parquet"}) expect_same_bytes(data / file, back / file);
  const Prepared before = load_prepared(data, "segue"), after = load_prepared(back, "segue");
  EXPECT_EQ(before.log.track, after.log.track);
  EXPECT_EQ(before.log.part, after.log.part);
  EXPECT_EQ(before.session, after.session);
  EXPECT_EQ(before.log.completion, after.log.completion);
  ASSERT_GT(before.test.size(), 0u);
  ASSERT_EQ(before.test.size(), after.test.size());
  for (size_t i = 0; i < before.test.size(); ++i) EXPECT_EQ(before.test[i].target, after.test[i].target);
  EXPECT_EQ(prepare(back, small_protocol(), false).data_hash, after.data_hash);
  const Signal vectors = load_signal(back, "heard");
  EXPECT_EQ(vectors.track, (std::vector<int32_t>{0, 2, 3}));
  EXPECT_EQ(vectors.vectors, (std::vector<float>{1, 2, 3, 0, 0, 0, 4, 5, 6}));
  EXPECT_EQ(vectors.known[1], Known::unreadable);
}

TEST(Release, WithTheNamesOfListenersEvenTheDataHashStays) {
  const Shared shared;
  shared.release({.keep_listeners = true});
  const Path back = shared.back();
  EXPECT_EQ(load_prepared(back, "segue").data_hash, load_prepared(shared.data.folder(), "segue").data_hash);
  expect_same_bytes(shared.data.folder() / "listeners.parquet", back / "listeners.parquet");
}

TEST(Release, NumbersListenersInTheOrderOfTheirNames) {
  const Shared shared;
  shared.release();
  Table names = read_table(shared.into() / "listeners.parquet");
  std::vector<std::string> called;
  for (size_t i = 0; i < rows(names); ++i) called.emplace_back(texts(names, "name")[i]);
  EXPECT_EQ(called, (std::vector<std::string>{"listener-003", "listener-002", "listener-001"}));  // zoe, carlos, Ann
}

TEST(Release, NamesNeitherListenersNorPathsNorLogs) {
  const Shared shared;
  shared.release();
  const std::string text = all_text(shared.into());
  for (const auto& name : listeners) EXPECT_EQ(text.find(name), std::string::npos) << name;
  for (const char* part : {"private-folder-of-zoe", "/home/zoe", "b.mp3", "cut off", "zoe/"}) EXPECT_EQ(text.find(part), std::string::npos) << part;
  EXPECT_EQ(text.find(shared.data.scratch.folder().string()), std::string::npos);
  EXPECT_NE(text.find("listener-003"), std::string::npos) << "or nothing was read";
  EXPECT_NE(all_text(shared.data.folder()).find("zoe zaminer"), std::string::npos) << "or the search finds nothing";
}

TEST(Release, LeavesSoundLyricsAndTheLedgerWhereTheyAre) {
  const Shared shared;
  Texts words, sources;
  words.push_back("la la secret words");
  sources.push_back("lrc");
  Flags instrumental;
  instrumental.push_back(0);
  write_table(shared.data.folder() / "lyrics.parquet",
              {{"track", std::vector<int32_t>{0}}, {"instrumental", instrumental}, {"text", words}, {"source", sources}});
  fs::create_directories(shared.data.folder() / "annotation");
  write_file(shared.data.folder() / "annotation" / "ledger.sqlite", "what was asked");
  write_file(shared.data.folder() / "signals" / "heard" / "map.html", "a page with names");
  shared.release();
  const std::string text = all_text(shared.into());
  for (const char* part : {"la la secret words", "what was asked", "a page with names"}) EXPECT_EQ(text.find(part), std::string::npos) << part;
}

TEST(Release, ATrackThatOnlyThePathOfAFileNamesHasNoName) {
  const Shared shared;
  Tracks tracks = Tracks::load(shared.data.folder() / "tracks.parquet");
  const int32_t added = tracks.add("My Folder", "Voice memo 7", "");
  tracks.length_ms.resize(static_cast<size_t>(tracks.size()));
  tracks.save(shared.data.folder() / "tracks.parquet");
  Texts how;
  how.push_back("new-path");
  how.push_back("new-path");  // a log has this one, so the name is not only the path's
  write_table(shared.data.folder() / "files.parquet", {{"track", std::vector<int32_t>{added, 0}}, {"how", how}});
  EXPECT_EQ(shared.release().unnamed, 1);
  const Tracks released = Tracks::load(shared.back() / "tracks.parquet");
  ASSERT_EQ(released.size(), tracks.size());
  EXPECT_EQ(released.title[static_cast<size_t>(added)], "");
  EXPECT_EQ(released.title[0], tracks.title[0]);
}

TEST(Release, AWordOfAPathStaysOfAModelThatIsCalledSo) {
  const Shared shared;
  shared.release();
  EXPECT_EQ(load_about(shared.into(), "heard").space, "made by net; mean");
}

TEST(TextNumbers, StandInTheOrderOfTheTextsAndEmptyOnesStayEmpty) {
  Texts a, b;
  for (const char* text : {"zz", "", "b"}) a.push_back(text);
  for (const char* text : {"B", "b"}) b.push_back(text);
  const TextNumbers numbers("word", {&a, &b});
  EXPECT_EQ(numbers.of("B"), "word-1");
  EXPECT_EQ(numbers.of("b"), "word-2");
  EXPECT_EQ(numbers.of("zz"), "word-3");
  EXPECT_EQ(numbers.of(""), "");
  EXPECT_FALSE(numbers.has("c"));
}

TEST(Release, WithoutNamesAsksTheSameQuestionsOfTheSameNumbers) {
  Shared shared;
  shared.data.import("more.tsv", line("zoe zaminer", 9000, "a song", "", "The Ann"),
                     with(&ImportOptions::lengths, shared.data.scratch.file("lengths.csv", "artist,title,duration_ms\nThe Ann,a,95000\n")));
  save(shared.data.prepare(small_protocol()), shared.data.folder());
  shared.make({{"read", "names", "bert", 1}, {0}, {Known::vector}, {7}, {1}, {}, {}});
  const Release release = shared.release({.without_names = true});
  EXPECT_EQ(release.telling, std::vector<std::string>{"read"});
  EXPECT_FALSE(fs::exists(shared.into() / "signals" / "read"));
  const std::string text = all_text(shared.into());
  for (const char* name : {"The Ann", "Bob", "id-b", "a song"}) EXPECT_EQ(text.find(name), std::string::npos) << name;
  const Prepared before = load_prepared(shared.data.folder(), "segue"), after = load_prepared(shared.back(), "segue");
  EXPECT_EQ(before.log.track, after.log.track);
  EXPECT_EQ(before.log.completion, after.log.completion);
  const auto& kinds = before.log.completion_kind;
  EXPECT_GT(std::count(kinds.begin(), kinds.end(), CompletionKind::inferred), 0) << "or lengths were not looked at";
  EXPECT_EQ(load_signal(shared.data.scratch / "back", "heard").content, (std::vector<int64_t>{0, 0, 0}));
}

TEST(Release, WithoutNamesRefusesAProtocolThatNeedsThem) {
  Shared shared;
  shared.data.import("more.tsv", line("zoe zaminer", 9000, "a"),
                     with(&ImportOptions::lengths, shared.data.scratch.file("lengths.csv", "artist,title,duration_ms\nTHE ANN,A,95000\n")));
  save(shared.data.prepare(small_protocol()), shared.data.folder());
  EXPECT_NE(error_of([&] { shared.release({.without_names = true}); }).find("without names the completion of protocol 'segue'"), std::string::npos);
  EXPECT_EQ(error_of([&] { shared.release(); }), "");
}

TEST(Release, HasGenesAsATableWithAColumnForEach) {
  const Shared shared;
  Signal signal{{"genes", "names", "genes by a model", gene_count}, {1}, {Known::vector}, {0}, {}, {}, {}};
  signal.vectors.resize(gene_count);
  signal.mask.resize(gene_count);
  signal.vectors[3] = 0.5f;
  signal.mask[3] = signal.mask[4] = 1;
  shared.make(signal);
  const std::vector<int32_t> track{1};
  const Path folder = signal_folder(shared.data.folder(), "genes");
  write_safetensors(folder / "genes.safetensors", {{"track", stored(Kind::i32, track, {1})}});
  write_file(folder / "trust.json", R"({"made_by": "/home/zoe/net from names", "passes": 1})");
  shared.release();
  Table values = read_table(shared.into() / "signals" / "genes" / "genes.parquet");
  ASSERT_EQ(values.size(), static_cast<size_t>(gene_count) + 1);
  EXPECT_EQ(values[4].name, genes()[3].key);
  EXPECT_EQ(std::get<std::vector<float>>(values[4].values)[0], 2.5f);
  EXPECT_TRUE(values[4].known.empty());  // all are known
  EXPECT_TRUE(values[5].known.empty());
  EXPECT_EQ(values[6].known, std::vector<uint8_t>{0});
  EXPECT_EQ(nlohmann::json::parse(read_file(shared.into() / "signals" / "genes" / "trust.json")).at("made_by"), "net from names");
  EXPECT_FALSE(fs::exists(shared.back() / "signals" / "genes" / "genes.parquet"));
  expect_same_bytes(folder / "vectors.safetensors", shared.data.scratch / "back" / "signals" / "genes" / "vectors.safetensors");
}

std::string type_of(const Column& column) {
  constexpr const char* names[] = {"int8", "int16", "int32", "int64", "float", "double", "bool", "string"};
  return names[column.values.index()];
}

TEST(Release, ItsTablesHaveTheColumnsThatTheCardSays) {
  const Shared shared;
  const Release release = shared.release();
  const std::string card = read_file(shared.into() / "README.md");
  int tables = 0;
  for (const auto& file : release.files) {
    if (Path(file.path).extension() != ".parquet") continue;
    ASSERT_NE(file.table, nullptr) << file.path;
    const Table table = read_table(shared.into() / file.path);
    ASSERT_EQ(table.size(), file.table->columns.size()) << file.path;
    for (size_t i = 0; i < table.size(); ++i) {
      const auto& column = file.table->columns[i];
      EXPECT_EQ(table[i].name, column.name) << file.path;
      EXPECT_EQ(type_of(table[i]), column.plain_type()) << file.path << " " << column.name;
      EXPECT_TRUE(table[i].known.empty() || column.type.ends_with('?')) << file.path << " " << column.name;
    }
    EXPECT_NE(card.find("`" + file.path + "`"), std::string::npos) << file.path;
    ++tables;
  }
  EXPECT_EQ(tables, 10);
}

TEST(Release, DescribesEachFileWithTheChecksumThatIsInTheList) {
  const Shared shared;
  shared.release({.license = "CC0-1.0"});
  const auto checksums = read_checksums(shared.into());
  verify(shared.into(), checksums);
  const auto croissant = nlohmann::json::parse(read_file(shared.into() / "croissant.json"));
  EXPECT_EQ(croissant.at("license"), "CC0-1.0");
  EXPECT_EQ(croissant.at("conformsTo"), "http://mlcommons.org/croissant/1.0");
  std::map<std::string, std::string> sums;
  for (const auto& one : checksums) sums[one.file] = one.sha256;
  for (const auto& file : croissant.at("distribution")) EXPECT_EQ(file.at("sha256"), sums.at(file.at("contentUrl"))) << file;
  EXPECT_EQ(croissant.at("distribution").size() + 1, sums.size());  // all but croissant.json itself
  EXPECT_EQ(files_of(shared.into()).size(), sums.size() + 1);       // and the list
}

TEST(Release, ReplacesAnOlderReleaseAndNothingElse) {
  const Shared shared;
  shared.release();
  shared.release({.protocols = {"none"}, .signals = {"none"}});
  EXPECT_FALSE(fs::exists(shared.into() / "protocols"));
  EXPECT_FALSE(fs::exists(shared.into() / "signals"));
  EXPECT_FALSE(fs::exists(shared.back() / "protocols"));
  const Path letters = shared.data.scratch.file("letters/first.txt", "dear").parent_path();
  EXPECT_NE(error_of([&] { release_data(shared.data.folder(), letters, {}); }).find("other files"), std::string::npos);
  EXPECT_NE(error_of([&] { release_data(shared.data.folder(), shared.data.folder(), {}); }).find("other files"), std::string::npos);
  EXPECT_EQ(read_file(letters / "first.txt"), "dear");
}

TEST(Release, SaysWhichProtocolsAndSignalsThereAre) {
  const Shared shared;
  EXPECT_NE(error_of([&] { shared.release({.protocols = {"paper"}}); }).find("known: segue"), std::string::npos);
  EXPECT_NE(error_of([&] { shared.release({.signals = {"hard"}}); }).find("known: heard"), std::string::npos);
  EXPECT_NE(error_of([&] { release_data(shared.data.scratch / "nothing", shared.into(), {}); }).find("segue import"), std::string::npos);
  EXPECT_FALSE(fs::exists(shared.into()));
  for (const auto& entry : fs::directory_iterator(shared.data.scratch.folder())) {
    EXPECT_FALSE(entry.path().filename().string().starts_with('.')) << entry.path();
  }
}

TEST(Release, RefusesAProtocolThatIsNotWhatItsPlaysGive) {
  const Shared shared;
  const Path cases = shared.data.folder() / "protocols" / "segue" / "cases.parquet";
  Table table = read_table(cases);
  --values<int64_t>(table, "target").back();
  write_table(cases, table);
  const std::string told = error_of([&] { shared.release(); });
  EXPECT_NE(told.find("cases of protocol 'segue'"), std::string::npos) << told;
  EXPECT_NE(told.find("segue prepare"), std::string::npos) << told;
  shared.data.import("more.tsv", line("new one", 5, "x"));
  EXPECT_NE(error_of([&] { shared.release(); }).find("segue prepare"), std::string::npos);
}

}  // namespace
}  // namespace segue
