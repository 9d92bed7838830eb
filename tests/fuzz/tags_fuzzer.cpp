// Whatever bytes stand in a file: its tags are read, as valid UTF-8, or there are none.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "audio/tags.h"
#include "core/console.h"
#include "core/error.h"

/// TagLib 1.13 forgets what it had made when it is stopped because a file goes on behind its end: 50 KB.
extern "C" const char* __lsan_default_suppressions() { return "leak:libtag\n"; }

extern "C" const char* __asan_default_options() { return "quarantine_size_mb=32"; }

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  static const int file = ::memfd_create("fuzz", MFD_CLOEXEC);
  static const segue::Path path = fmt::format("/proc/self/fd/{}", file);
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) std::abort();
  const auto tags = segue::read_tags(path);
  for (const auto* text : {&tags.artist, &tags.album_artist, &tags.title, &tags.album, &tags.recording_mbid, &tags.track_mbid, &tags.isrc, &tags.language, &tags.lyrics}) {
    if (!segue::is_valid_utf8(*text)) std::abort();
  }
  if (!(tags.seconds >= 0)) std::abort();
  return 0;
}
