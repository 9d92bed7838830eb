#include "core/mapped_file.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "core/error.h"

namespace segue {
namespace {

/// What a signal's handler may read: no lock, no memory of its own.
struct Known {
  std::atomic<const std::byte*> data{nullptr};  // set last
  size_t size = 0;
  std::array<char, 512> line{};
};

std::array<Known, 256> all_known;
std::mutex guard;

void end_with_a_line(int signal, siginfo_t* info, void*) {
  const auto* const at = static_cast<const std::byte*>(info->si_addr);
  for (const Known& known : all_known) {
    const std::byte* const data = known.data;
    if (data == nullptr || at < data || at >= data + known.size) continue;
    [[maybe_unused]] const auto written = ::write(2, known.line.data(), std::strlen(known.line.data()));
    ::_exit(1);
  }
  ::signal(signal, SIG_DFL);  // not of a file that is known here: it comes again
}

void listen() {
  struct sigaction action {};
  action.sa_sigaction = end_with_a_line;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace

MappedFile::MappedFile(const Path& path, int file, size_t size) : size_(size) {
  void* const map = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  if (map == MAP_FAILED) throw Error("{}: {}", path.string(), std::strerror(errno));
  data_ = static_cast<const std::byte*>(map);
  static std::once_flag once;
  std::call_once(once, listen);
  const std::lock_guard lock(guard);
  const auto free = std::find_if(all_known.begin(), all_known.end(), [](const Known& known) { return known.data == nullptr; });
  if (free == all_known.end()) return;  // of so many files one goes unnamed
  const auto line = fmt::format("segue: {}: can't be read any more: the file has become shorter, or its disk is gone\n", path.string());
  free->size = size;
  free->line.fill('\0');
  std::copy_n(line.begin(), std::min(line.size(), free->line.size() - 1), free->line.begin());
  free->data = data_;
}

MappedFile::~MappedFile() {
  {
    const std::lock_guard lock(guard);
    for (Known& known : all_known) {
      if (known.data == data_) known.data = nullptr;
    }
  }
  ::munmap(const_cast<std::byte*>(data_), size_);
}

}  // namespace segue
