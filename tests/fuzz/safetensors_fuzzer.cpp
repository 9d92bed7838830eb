// Whatever bytes stand in a file: Safetensors maps it and every byte of every array can be read, or it throws Error.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "core/error.h"
#include "core/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const int file = ::memfd_create("fuzz", MFD_CLOEXEC);
  static const segue::Path path = fmt::format("/proc/self/fd/{}", file);
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) std::abort();
  try {
    const segue::Safetensors arrays(path);
    size_t total = 0;
    volatile uint8_t sum = 0;
    for (const auto& name : arrays.names()) {
      const auto& array = arrays.at(name);
      if (static_cast<size_t>(array.size()) * segue::bytes_of(array.kind) != array.bytes.size()) std::abort();
      for (const std::byte b : array.bytes) sum = static_cast<uint8_t>(sum + static_cast<uint8_t>(b));
      total += array.bytes.size();
    }
    if (total > size) std::abort();  // arrays that overlap
  } catch (const segue::Error&) {
  }
  return 0;
}
