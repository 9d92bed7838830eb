#include "audio/sound_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace segue {
namespace {

const char* kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

void expect_a_file(const Path& path, int failed, const struct stat& found) {
  if (failed != 0) throw Error("{}: {}", path.string(), std::strerror(errno));
  if (!S_ISREG(found.st_mode)) throw Error("{}: is {}; sound is read from files", path.string(), kind_of(found.st_mode));
}

}  // namespace

SoundFile::SoundFile(const Path& path) : path_(path) {
  // Looked at before it is opened, since opening a device may set something off, and after, since it may have been changed.
  struct stat found {};
  expect_a_file(path, ::stat(path.c_str(), &found), found);
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor_ < 0) throw Error("{}: {}", path.string(), std::strerror(errno));
  try {
    expect_a_file(path, ::fstat(descriptor_, &found), found);
    char first = 0;
    const auto got = read(&first, 1, 0);
    check();
    if (got == 0) throw Error("{}: is empty", path.string());
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

SoundFile::~SoundFile() { ::close(descriptor_); }

int64_t SoundFile::size() const {
  struct stat found {};
  return ::fstat(descriptor_, &found) == 0 ? int64_t{found.st_size} : -1;
}

int64_t SoundFile::read(void* into, size_t bytes, int64_t at) {
  for (;;) {
    const auto got = ::pread(descriptor_, into, bytes, at);
    if (got >= 0) return got;
    if (errno == EINTR) continue;
    error_ = errno;
    return -1;
  }
}

void SoundFile::check() const {
  if (error_ != 0) throw Error("{}: {}", path_.string(), std::strerror(error_));
}

}  // namespace segue
