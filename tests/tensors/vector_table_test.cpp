#include "signals/vector_table.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "core/safetensors.h"
#include "core/table.h"
#include "listening/tracks.h"
#include "support/saved_tracks.h"
#include "support/scratch.h"

namespace segue {
namespace {

/// A data folder of three tracks.
class VectorTable : public testing::Test {
 protected:
  VectorTable() {
    save_tracks(data, {{"Ann", "Sea", "id-0"}, {"Bob", "Land", ""}, {"Cid", "Sky", ""}});
  }

  std::vector<float> row(const std::string& name, int32_t track) const {
    const Signal signal = load_signal(data, name);
    const auto span = signal.row(signal.find(track));
    return {span.begin(), span.end()};
  }
  std::string refusal(const Path& file, const Path& mask = {}) const {
    try {
      import_vectors(data, "x", file, mask);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  static std::string npy(const std::string& kind, const std::string& shape, std::string_view body, const char* order = "False") {
    std::string header = "{'descr': '" + kind + "', 'fortran_order': " + order + ", 'shape': (" + shape + "), }";
    header.resize((header.size() + 63) / 64 * 64 + 54, ' ');
    std::string out = std::string("\x93NUMPY\x01\x00", 8);
    out += static_cast<char>(header.size() & 255);
    out += static_cast<char>(header.size() >> 8);
    return out + header + std::string(body);
  }
  template <class T>
  static std::string bytes(const std::vector<T>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
  }

  Scratch scratch;
  Path data = scratch / "data";
};

TEST_F(VectorTable, TakesNumbersBesideNames) {
  const Path file = scratch.file("t.tsv", "artist\ttrack\ttempo\tenergy\nBOB\tland (Remastered)\t120\t0.5\nAnn\tSea\t\t-1e2\nZoe\tMoon\t1\t2\nBob\tLand\t9\t9\nCid\tSky\t\t\n");
  const auto report = import_vectors(data, "facts", file, {});
  EXPECT_EQ(report.rows, 5);
  EXPECT_EQ(report.tied, 3);
  EXPECT_EQ(report.repeated, 1);
  EXPECT_EQ(report.missing, 1);
  EXPECT_EQ(report.tracks, 2);
  EXPECT_EQ(row("facts", 1), (std::vector<float>{120, 0.5}));
  EXPECT_EQ(row("facts", 0), (std::vector<float>{0, -100}));
  EXPECT_EQ(load_signal(data, "facts").mask, (std::vector<uint8_t>{0, 1, 1, 1}));
}

TEST_F(VectorTable, TakesParquetAndIds) {
  Texts id;
  id.push_back("id-0");
  id.push_back("none");
  write_table(scratch / "t.parquet", {{"id", id, {}}, {"a", std::vector<float>{1, 2}, {}}, {"b", std::vector<int64_t>{3, 4}, {}}});
  EXPECT_EQ(import_vectors(data, "p", scratch / "t.parquet", {}).tracks, 1);
  EXPECT_EQ(row("p", 0), (std::vector<float>{1, 3}));
}

TEST_F(VectorTable, TakesNpyByPlaceWithAMask) {
  const Path file = scratch.file("v.npy", npy("<f4", "3, 2", bytes<float>({1, 2, 3, 4, std::nanf(""), 6})));
  const Path mask = scratch.file("m.npy", npy("|b1", "3,", std::string("\1\0\1", 3)));
  EXPECT_EQ(import_vectors(data, "n", file, mask).tracks, 2);
  EXPECT_EQ(row("n", 0), (std::vector<float>{1, 2}));
  EXPECT_EQ(row("n", 2), (std::vector<float>{0, 6}));
  EXPECT_EQ(load_signal(data, "n").find(1), 2u);
}

TEST_F(VectorTable, TakesSafetensorsByNumber) {
  const std::vector<float> vectors{5, 6};
  const std::vector<int64_t> track{2};
  write_safetensors(scratch / "v.safetensors", {{"vectors", {Kind::f32, {1, 2}, std::as_bytes(std::span(vectors))}},
                                                {"track", {Kind::i64, {1}, std::as_bytes(std::span(track))}}});
  EXPECT_EQ(import_vectors(data, "s", scratch / "v.safetensors", {}).tracks, 1);
  EXPECT_EQ(row("s", 2), vectors);
}

TEST_F(VectorTable, SaysWhatIsWrongWithAFile) {
  EXPECT_NE(refusal(scratch.file("a.tsv", "who\ttempo\nAnn\t1\n")).find("artist and title"), std::string::npos);
  EXPECT_NE(refusal(scratch.file("b.tsv", "artist\ttitle\tgenre\nAnn\tSea\trock\n")).find("'genre' holds no number"), std::string::npos);
  EXPECT_NE(refusal(scratch.file("c.tsv", "artist\ttitle\tx\nZoe\tMoon\t1\n")).find("none is of a track"), std::string::npos);
  EXPECT_NE(refusal(scratch.file("d.npy", npy("<f4", "4, 1", bytes<float>({1, 2, 3, 4})))).find("tracks 0 to 2"), std::string::npos);
  EXPECT_NE(refusal(scratch.file("e.npy", npy("<f4", "3, 2", bytes<float>({1, 2, 3})))).find("cut short"), std::string::npos);
  EXPECT_NE(refusal(scratch.file("f.npy", npy("<f4", "3, 1", bytes<float>({1, 2, 3}), "True"))).find("Fortran"), std::string::npos);
  EXPECT_NE(refusal(scratch.file("g.npy", npy("|O", "3, 1", "xxx"))).find("'|O'"), std::string::npos);
  EXPECT_NE(refusal(scratch.file("h.npy", npy("<f4", "99999999999, 99999999999", ""))).find("more than the file"), std::string::npos);
  EXPECT_NE(refusal(scratch.file("i.npy", npy("<f4", "3, 1", bytes<float>({1, 2, 3}))), scratch.file("m.npy", npy("|b1", "2,", "\1\1"))).find("mask of 3"), std::string::npos);
  EXPECT_NE(refusal(scratch.file("j.npy", "not npy")).find("not an npy"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(data / "signals" / "x"));  // nothing is left behind
}

TEST_F(VectorTable, APackMovesVectorsToAnotherFolder) {
  const Path file = scratch.file("t.tsv", "artist\ttitle\ta\nAnn\tSea\t1\nBob\tLand\t2\n");
  import_vectors(data, "facts", file, {});
  export_pack(data, "facts", scratch / "facts.safetensors");
  const Path other = scratch / "other";
  std::filesystem::create_directories(other);
  Tracks tracks;
  tracks.add("Zoe", "Moon", "");
  tracks.add("bob", "Land", "");
  tracks.save(other / "tracks.parquet");
  EXPECT_EQ(import_pack(other, "facts", scratch / "facts.safetensors").tracks, 1);
  const Signal signal = load_signal(other, "facts");
  EXPECT_EQ(signal.track, std::vector<int32_t>{1});
  EXPECT_EQ(signal.row(0)[0], 2);
  EXPECT_EQ(signal.about.space_id(), load_about(data, "facts").space_id());
  EXPECT_EQ(import_pack(other, "facts", scratch / "facts.safetensors").repeated, 1);  // again: nothing new

  import_vectors(data, "more", scratch.file("u.tsv", "artist\ttitle\tb\nBob\tLand\t7\n"), {});
  export_pack(data, "more", scratch / "more.safetensors");
  EXPECT_THROW(import_pack(other, "facts", scratch / "more.safetensors"), Error);  // another space
  EXPECT_THROW(import_pack(other, "x", signal_folder(data, "facts") / "vectors.safetensors"), Error);  // no pack
}

}  // namespace
}  // namespace segue
