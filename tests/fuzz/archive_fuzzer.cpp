// Whatever bytes stand in a file: Source opens it and reads every file in it, or throws Error; never more than a member
// says, and never for long.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "core/error.h"
#include "core/source.h"

namespace {

void read_all(const segue::Source& source) {
  constexpr size_t most = 1 << 22;  // a bomb is unpacked as far as it is asked for: here, not far
  size_t files = 0;
  for (const auto& file : source.files()) {
    if (++files > 20) return;
    source.head(file, 100);
    try {
      const auto stream = source.read(file);
      size_t total = 0;
      for (auto block = stream->next(); !block.empty() && total < most; block = stream->next()) total += block.size();
    } catch (const segue::Error&) {
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const int file = ::memfd_create("fuzz", MFD_CLOEXEC);
  static const segue::Path path = fmt::format("/proc/self/fd/{}", file);
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) std::abort();
  try {
    read_all(*segue::Source::open(path));
  } catch (const segue::Error&) {
  }
  return 0;
}
