#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <thread>

#include "core/error.h"
#include "core/safetensors.h"
#include "signals/signal_work.h"
#include "support/scratch.h"

namespace segue {
namespace {

const SignalAbout about{"made", "sound", "an encoder; mean", 3};

std::vector<float> vector_for(int32_t track) { return {static_cast<float>(track), 1, -1}; }

std::vector<WantedTrack> wanted(int32_t n, int64_t content = 7) {
  std::vector<WantedTrack> tracks;
  for (int32_t t = 0; t < n; ++t) tracks.push_back({t, content});
  return tracks;
}

/// Makes what is left, at most so many tracks; returns how many it made.
int make(SignalWork& work, int most = 1 << 30) {
  int made = 0;
  while (const auto block = work.next()) {
    for (const auto& [track, content] : block->tracks) {
      if (made == most) return made;
      work.add(track, Known::vector, content, vector_for(track));
      ++made;
    }
  }
  return made;
}

void expect_all(const Signal& signal, int32_t n) {
  ASSERT_EQ(signal.size(), static_cast<size_t>(n));
  for (int32_t t = 0; t < n; ++t) {
    const auto row = signal.row(signal.find(t));
    EXPECT_EQ(std::vector<float>(row.begin(), row.end()), vector_for(t));
  }
}

TEST(SignalWork, MakesEachTrackOnceAndKeepsIt) {
  const Scratch data;
  {
    SignalWork work(data.folder(), about, wanted(40), {.block = 16});
    EXPECT_EQ(work.left(), 40);
    EXPECT_EQ(make(work), 40);
    expect_all(work.finish(), 40);
  }
  SignalWork again(data.folder(), about, wanted(40), {.block = 16});
  EXPECT_EQ(again.left(), 0);
  EXPECT_FALSE(again.next());
  expect_all(load_signal(data.folder(), "made"), 40);
}

TEST(SignalWork, GoesOnWhereItWasKilled) {
  const Scratch data;
  const pid_t child = ::fork();
  if (child == 0) {
    SignalWork work(data.folder(), about, wanted(40), {.block = 16});
    make(work, 21);
    ::_exit(0);  // no destructor runs, as with a kill
  }
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(load_signal(data.folder(), "made").size(), 21u);
  SignalWork work(data.folder(), about, wanted(40), {.block = 16});
  EXPECT_EQ(make(work), 19);
  expect_all(work.finish(), 40);
}

TEST(SignalWork, PassesOverARecordThatIsHalfWritten) {
  const Scratch data;
  const Path folder = make_signal_folder(data.folder(), about);
  Path file;
  {
    RecordWriter writer(folder, about);
    for (int32_t t = 0; t < 3; ++t) writer.add(t, Known::vector, 7, vector_for(t));
    for (const auto& entry : std::filesystem::directory_iterator(folder)) file = entry.path().extension() == ".records" ? entry.path() : file;
  }
  const auto size = std::filesystem::file_size(file);
  for (const size_t cut : {1, 8, 20, 35}) {
    std::filesystem::resize_file(file, size - cut);
    EXPECT_EQ(load_signal(data.folder(), "made").size(), 2u) << cut;
  }
  std::filesystem::resize_file(file, size - 20);
  std::ofstream(file, std::ios::app | std::ios::binary) << std::string(20, 'x');  // as long as before, but not what was meant
  EXPECT_EQ(load_signal(data.folder(), "made").size(), 2u);
}

TEST(SignalWork, IsSharedByProcessesWithoutMakingAnythingTwice) {
  const Scratch data;
  constexpr int32_t n = 200;
  const auto part = [&](const char* name) {
    SignalWork work(data.folder(), about, wanted(n), {.block = 4});
    int made = 0;
    while (const auto block = work.next()) {
      for (const auto& [track, content] : block->tracks) {
        work.add(track, Known::vector, content, vector_for(track));
        ++made;
        std::this_thread::sleep_for(std::chrono::microseconds(300));
      }
    }
    work.finish();
    write_file(data / name, std::to_string(made));
  };
  std::vector<pid_t> children;
  for (const char* name : {"a", "b", "c"}) {
    children.push_back(::fork());
    if (children.back() == 0) {
      part(name);
      ::_exit(0);
    }
  }
  for (const pid_t child : children) ::waitpid(child, nullptr, 0);
  expect_all(load_signal(data.folder(), "made"), n);
  int sum = 0;
  for (const char* name : {"a", "b", "c"}) sum += std::stoi(read_file(data / name));
  EXPECT_EQ(sum, n);
}

TEST(SignalWork, MakesAnewWhatChangedAndTriesAgainOnlyWhenAsked) {
  const Scratch data;
  {
    SignalWork work(data.folder(), about, wanted(4), {});
    while (const auto block = work.next()) {
      for (const auto& [track, content] : block->tracks) {
        if (track == 2) work.add(track, Known::unreadable, content, {}, "b.mp3: no sound in it");
        else work.add(track, Known::vector, content, vector_for(track));
      }
    }
    EXPECT_EQ(work.finish().problems.at(2), "b.mp3: no sound in it");
  }
  EXPECT_EQ(SignalWork(data.folder(), about, wanted(4), {}).left(), 0);
  EXPECT_EQ(SignalWork(data.folder(), about, wanted(4), {.again = true}).left(), 1);
  auto changed = wanted(4);
  changed[2].content = 8;
  SignalWork work(data.folder(), about, changed, {});
  EXPECT_EQ(make(work), 1);
  expect_all(work.finish(), 4);
  EXPECT_TRUE(load_signal(data.folder(), "made").problems.empty());
}

TEST(SignalWork, RefusesVectorsOfAnotherSpace) {
  const Scratch data;
  make_signal_folder(data.folder(), about);
  SignalAbout other = about;
  other.space = "an encoder; last";
  try {
    make_signal_folder(data.folder(), other);
    FAIL() << "two spaces in one signal";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("an encoder; last"), std::string::npos) << error.what();
  }
  EXPECT_THROW(load_signal(data.folder(), "other"), Error);
  EXPECT_THROW(signal_folder(data.folder(), "../made"), Error);
}

TEST(SignalWork, ADamagedStoreIsRefusedByName) {
  const Scratch data;
  {
    SignalWork work(data.folder(), about, wanted(4), {});
    make(work);
    work.finish();
  }
  const Path vectors = signal_folder(data.folder(), "made") / "vectors.safetensors";
  std::filesystem::resize_file(vectors, std::filesystem::file_size(vectors) - 5);
  EXPECT_THROW(load_signal(data.folder(), "made"), Error);
}

TEST(Signal, KeepsWhichNumbersAreMissing) {
  const Scratch data;
  SignalRows rows(about);
  const std::vector<uint8_t> mask{1, 0, 1};
  rows.set(5, Known::vector, 1, vector_for(5), mask);
  rows.set(2, Known::vector, 1, vector_for(2));
  rows.set(9, Known::instrumental, 1, {});
  save_vectors(make_signal_folder(data.folder(), about), rows.signal());
  const Signal signal = load_signal(data.folder(), "made");
  EXPECT_EQ(signal.track, (std::vector<int32_t>{2, 5, 9}));
  EXPECT_EQ(signal.mask, (std::vector<uint8_t>{1, 1, 1, 1, 0, 1, 0, 0, 0}));
  EXPECT_EQ(signal.count(Known::instrumental), 1);
}

}  // namespace
}  // namespace segue
