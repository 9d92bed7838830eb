#include "experiments/read_release.h"

#include <gtest/gtest.h>

#include "experiments/checksums.h"
#include "shared_folder.h"

namespace segue {
namespace {

TEST(Checksums, AreThoseThatOthersCompute) {
  const Scratch scratch;
  EXPECT_EQ(sha256_of(scratch.file("abc", "abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2, B.1
  EXPECT_EQ(sha256_of(scratch.file("empty", "")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(ReadRelease, RefusesAFileThatIsNotTheOneThatWasReleased) {
  const Shared shared;
  shared.release();
  for (const auto& file : files_of(shared.into())) {
    const std::string right = read_file(file);
    std::string wrong = right;
    wrong[wrong.size() / 2] = static_cast<char>(wrong[wrong.size() / 2] ^ 1);
    write_file(file, wrong);
    EXPECT_TRUE(is_release(shared.into())) << file;
    const std::string told = error_of([&] { shared.back(); });
    const bool list = file.filename() == checksums_file;
    EXPECT_TRUE(list ? !told.empty() : told.starts_with(file.string() + ": ")) << file << ": " << told;
    EXPECT_FALSE(fs::exists(shared.data.scratch / "back"));
    fs::remove(file);
    const std::string missing = error_of([&] { shared.back(); });
    EXPECT_TRUE(missing.starts_with(file.string() + ": is missing")) << missing;
    write_file(file, right);
  }
  EXPECT_EQ(error_of([&] { shared.back(); }), "");
}

TEST(ReadRelease, RefusesAListOfOtherFoldersFiles) {
  const Scratch scratch;
  const std::string sum(64, 'a');
  for (const std::string file : {"../plays.parquet", "/etc/passwd", "signals/../../x", ".lock", ""}) {
    scratch.file("SHA256SUMS", sum + "  " + file + "\n");
    EXPECT_NE(error_of([&] { read_checksums(scratch.folder()); }).find("line 1"), std::string::npos) << file;
  }
  scratch.file("SHA256SUMS", sum + "  release.json\n");
  EXPECT_NE(error_of([&] { import_release(scratch.folder(), scratch / "back"); }).find("plays.parquet"), std::string::npos);
}

TEST(ReadRelease, RefusesAnotherVersionAndAFolderThatIsNotEmpty) {
  const Shared shared;
  shared.release();
  const Path about = shared.into() / "release.json";
  auto json = nlohmann::ordered_json::parse(read_file(about));
  json["segue_release"] = release_version + 1;
  write_file(about, json.dump(1));
  auto checksums = read_checksums(shared.into());
  for (auto& one : checksums) one.sha256 = sha256_of(shared.into() / one.file);
  write_file(shared.into() / checksums_file, text_of(checksums));
  EXPECT_NE(error_of([&] { shared.back(); }).find("version 2"), std::string::npos);
  EXPECT_NE(error_of([&] { import_release(shared.into(), shared.data.folder()); }).find("new folder"), std::string::npos);
}

}  // namespace
}  // namespace segue
