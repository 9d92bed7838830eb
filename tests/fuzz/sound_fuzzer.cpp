// Whatever bytes stand in a file: SoundReader reads numbers from it and goes to any place in it, or throws Error; read in one
// go or in pieces, it is the same.

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "audio/sound_reader.h"
#include "core/error.h"

namespace {

constexpr size_t most = 1 << 14;  // samples: a few bytes may say that they are hours

void expect(bool holds) {
  if (!holds) std::abort();
}

std::vector<float> samples_of(const segue::Path& path, int rate, size_t piece) {
  segue::SoundReader sound(path, rate);
  std::vector<float> samples(most);
  size_t done = 0;
  for (size_t got = 1; got > 0 && done < most; done += got) got = sound.read(std::span(samples).subspan(done, std::min(piece, most - done)));
  for (const float sample : samples) expect(std::isfinite(sample));
  samples.resize(done);
  expect(sound.broken_packets() >= 0 && sound.format().seconds >= 0);
  return samples;
}

}  // namespace

/// libsndfile 1.2.0 forgets what it had of an Ogg file that breaks off in its head: 6 KB.
extern "C" const char* __lsan_default_suppressions() { return "leak:vorbis_info_init\nleak:vorbis_comment_init\n"; }

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  static const int file = ::memfd_create("fuzz", MFD_CLOEXEC);
  static const segue::Path path = fmt::format("/proc/self/fd/{}", file);
  const auto bytes = static_cast<ssize_t>(size) - 1;
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, data + 1, size - 1, 0) != bytes) std::abort();
  const int rates[] = {8000, 16000, 22050, 48000};
  const int rate = rates[data[0] % 4];
  try {
    const auto whole = samples_of(path, rate, most);
    expect(whole == samples_of(path, rate, 1 + data[0]));
    segue::SoundReader sound(path, rate);
    float window[100];
    for (const double part : {0.5, 0.1}) {
      const bool there = sound.skip_to(part * static_cast<double>(whole.size()) / rate);
      expect(there || whole.size() < 10 || sound.broken_packets() > 0);
      if (there) sound.read(window);
    }
  } catch (const segue::Error&) {
  }
  return 0;
}
