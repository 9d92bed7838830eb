#include "core/source.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <ctime>

#include "core/error.h"
#include "support/archives.h"
#include "support/memory_source.h"
#include "support/scratch.h"

namespace segue {
namespace {

std::string whole(ByteStream& stream) {
  std::string text;
  for (auto block = stream.next(); !block.empty(); block = stream.next()) text.append(block.data(), block.size());
  return text;
}

std::string whole(const Source& source, const std::string& file) { return whole(*source.read(file)); }

/// What reading everything at `path` throws; empty if nothing.
std::string error_of(const Path& path) {
  try {
    const auto source = Source::open(path);
    for (const auto& file : source->files()) whole(*source, file);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

std::vector<std::string> lines_of(const std::string& text, size_t block, size_t longest = 1 << 24) {
  MemoryStream stream(text, block);
  LineReader reader(stream, longest);
  std::vector<std::string> lines;
  for (std::string_view line; reader.next(line);) lines.push_back(std::string(line) + (reader.cut() ? "…" : ""));
  return lines;
}

/// Text that packs badly: an archive of it is about as long.
std::string noise(size_t bytes) {
  std::string text(bytes, '\0');
  uint32_t state = 1;
  for (char& c : text) state = state * 1664525 + 1013904223, c = static_cast<char>(state >> 24);
  return text;
}

using Names = std::vector<std::string>;

TEST(Source, ReadsAPlainFileUnderItsOwnName) {
  const Scratch scratch;
  const std::string text = noise(3 << 20);
  const auto source = Source::open(scratch.file("plays.tsv", text));
  EXPECT_EQ(source->files(), Names{"plays.tsv"});
  EXPECT_EQ(whole(*source, "plays.tsv"), text);
  EXPECT_EQ(source->head("plays.tsv", 10), text.substr(0, 10));
}

TEST(Source, ReadsAFolderWithItsFoldersSorted) {
  const Scratch scratch;
  scratch.file("b.txt", "b");
  scratch.file("a/z.txt", "z");
  scratch.file("a/empty.txt", "");
  const auto source = Source::open(scratch.folder());
  EXPECT_EQ(source->files(), (Names{"a/empty.txt", "a/z.txt", "b.txt"}));
  EXPECT_EQ(whole(*source, "a/z.txt"), "z");
  EXPECT_EQ(whole(*source, "a/empty.txt"), "");
}

TEST(Source, UnpacksAFileOfAFolderThatIsGzip) {
  const Scratch scratch;
  write_archive(scratch / "plays.tsv", Packing::gz, {{"plays.tsv", "one\n"}});
  EXPECT_EQ(whole(*Source::open(scratch.folder()), "plays.tsv"), "one\n");
}

TEST(Source, LooksAtTheContentNotAtTheEnding) {
  const Scratch scratch;
  const std::vector<std::pair<std::string, std::string>> files{{"in/one.txt", "1"}, {"two.txt", std::string(200000, '2')}, {"3", ""}};
  for (const auto packing : {Packing::zip, Packing::tar, Packing::tar_gz}) {
    write_archive(scratch / "log.txt", packing, files);
    const auto source = Source::open(scratch / "log.txt");
    EXPECT_EQ(source->files(), (Names{"in/one.txt", "two.txt", "3"}));
    for (int again = 0; again < 2; ++again) {
      for (const auto& [name, text] : files) {
        EXPECT_EQ(source->head(name, 2), text.substr(0, 2));
        EXPECT_EQ(whole(*source, name), text);
      }
    }
    EXPECT_EQ(whole(*source, "in/one.txt"), "1");  // backwards
  }
}

TEST(Source, ReadsTwoFilesOfAnArchiveSideBySide) {
  const Scratch scratch;
  write_archive(scratch / "a.tar.gz", Packing::tar_gz, {{"one", noise(300000)}, {"two", std::string(300000, '2')}});
  const auto source = Source::open(scratch / "a.tar.gz");
  const auto one = source->read("one"), two = source->read("two");
  std::string first, second;
  for (bool more = true; more;) {
    const auto a = one->next();
    first.append(a.data(), a.size());
    const auto b = two->next();
    second.append(b.data(), b.size());
    more = !a.empty() || !b.empty();
  }
  EXPECT_EQ(first, noise(300000));
  EXPECT_EQ(second, std::string(300000, '2'));
}

TEST(Source, UnpacksAnArchiveOnceForEachReadingNotOnceForEachFile) {
  const Scratch scratch;
  std::vector<std::pair<std::string, std::string>> files;
  for (int i = 0; i < 200; ++i) files.emplace_back(std::to_string(i), noise(70'000));
  write_archive(scratch / "a.tar.gz", Packing::tar_gz, files);
  const auto source = Source::open(scratch / "a.tar.gz");
  const auto processor_time = [&] {
    const std::clock_t start = std::clock();
    for (const auto& [name, text] : files) EXPECT_EQ(whole(*source, name).size(), text.size());
    return static_cast<double>(std::clock() - start);
  };
  const double once = processor_time();
  EXPECT_LT(processor_time(), 10 * once);
}

TEST(Source, NamesAPackedFileWithoutItsEnding) {
  const Scratch scratch;
  write_archive(scratch / "plays.tsv.gz", Packing::gz, {{"plays.tsv", "a\nb\n"}});
  const auto source = Source::open(scratch / "plays.tsv.gz");
  EXPECT_EQ(source->files(), Names{"plays.tsv"});
  EXPECT_EQ(whole(*source, "plays.tsv"), "a\nb\n");
}

TEST(Source, KeepsNamesThatAreNotAscii) {
  const Scratch scratch;
  write_archive(scratch / "a.zip", Packing::zip, {{"Écoutes/ж.json", "1"}});
  EXPECT_EQ(Source::open(scratch / "a.zip")->files(), Names{"Écoutes/ж.json"});
}

TEST(Source, SaysWhatIsWrongWithAPath) {
  const Scratch scratch;
  EXPECT_EQ(error_of(scratch / "none"), (scratch / "none").string() + ": no such file or folder; is the path right?");
  EXPECT_EQ(error_of(scratch.file("empty", "")), (scratch / "empty").string() + ": an empty file");
  std::filesystem::create_directories(scratch / "folder/in/it");
  EXPECT_EQ(error_of(scratch / "folder"), (scratch / "folder").string() + ": a folder without a file in it");
  EXPECT_EQ(error_of("/dev/null"), "/dev/null: neither a file nor a folder; save what comes out of it, and give that file");
}

TEST(Source, SaysThatAFileMayNotBeRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const Scratch scratch;
  const Path path = scratch.file("secret", "text");
  std::filesystem::permissions(path, std::filesystem::perms::none);
  EXPECT_NE(error_of(path).find("Permission denied"), std::string::npos);
}

TEST(Source, RefusesAnArchiveThatWasCutOff) {
  const Scratch scratch;
  for (const auto packing : {Packing::zip, Packing::tar, Packing::tar_gz, Packing::gz}) {
    write_archive(scratch / "whole", packing, {{"one", noise(100000)}});
    const std::string bytes = read_file(scratch / "whole");
    for (const size_t kept : {size_t{600}, size_t{2000}, bytes.size() / 2, size_t{99000}}) {
      EXPECT_NE(error_of(scratch.file("cut", bytes.substr(0, kept))), "") << kept << " of packing " << static_cast<int>(packing);
    }
  }
}

TEST(Source, HandsOverWhatCameBeforeAGzipBreaksOff) {
  const Scratch scratch;
  write_archive(scratch / "whole.gz", Packing::gz, {{"one", noise(300000)}});
  const std::string bytes = read_file(scratch / "whole.gz");
  const auto source = Source::open(scratch.file("cut.gz", bytes.substr(0, 200000)));
  EXPECT_EQ(source->head("cut", 1000), noise(1000));
  const auto stream = source->read("cut");
  size_t size = 0;
  EXPECT_THROW(for (;;) size += stream->next().size(), Error);
  EXPECT_GT(size, 100000u);
}

TEST(Source, StopsWhereAZipUnpacksToMoreThanItSays) {
  const Scratch scratch;
  write_archive(scratch / "a.zip", Packing::zip, {{"bomb", std::string(50'000'021, '0')}});
  const auto source = Source::open(scratch.file("b.zip", with_size(read_file(scratch / "a.zip"), 50'000'021, 1'000'003)));
  const auto stream = source->read("bomb");
  size_t size = 0;
  try {
    for (;;) size += stream->next().size();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'bomb' unpacks to more than the 1000003 bytes it says"), std::string::npos) << error.what();
  }
  EXPECT_LE(size, 1'000'003u);
}

TEST(Source, RefusesAZipThatUnpacksToLessThanItSays) {
  const Scratch scratch;
  write_archive(scratch / "a.zip", Packing::zip, {{"short", std::string(70'001, '0')}});
  EXPECT_NE(error_of(scratch.file("b.zip", with_size(read_file(scratch / "a.zip"), 70'001, 90'001))), "");
}

TEST(Source, AsksForThePasswordOfAnEncryptedZip) {
  const Scratch scratch;
  write_archive(scratch / "a.zip", Packing::encrypted_zip, {{"one", "text"}});
  EXPECT_EQ(error_of(scratch / "a.zip"),
            (scratch / "a.zip").string() + ": 'one' is encrypted; unpack it with its password and give the folder");
}

TEST(Source, RefusesTwoFilesOfOneName) {
  const Scratch scratch;
  write_archive(scratch / "a.tar", Packing::tar, {{"one", "1"}, {"./one", "2"}});
  EXPECT_NE(error_of(scratch / "a.tar").find("two files named 'one'"), std::string::npos);
}

TEST(LineReader, GivesLinesWithoutTheirEndings) {
  for (size_t block = 1; block < 12; ++block) {
    EXPECT_EQ(lines_of("one\r\n\ntwo\rthree\nfour", block), (Names{"one", "", "two\rthree", "four"}));
    EXPECT_EQ(lines_of("one\n", block), Names{"one"});
    EXPECT_EQ(lines_of("\n\r\n", block), (Names{"", ""}));
    EXPECT_EQ(lines_of("", block), Names{});
    EXPECT_EQ(lines_of(std::string("a\0b\nc", 5), block), (Names{std::string("a\0b", 3), "c"}));
  }
}

TEST(LineReader, CutsALineThatIsTooLong) {
  for (size_t block = 1; block < 12; ++block) {
    EXPECT_EQ(lines_of("1234\n12345\r\n1\n123456", block, 4), (Names{"1234", "1234…", "1", "1234…"}));
  }
}

}  // namespace
}  // namespace segue
