#include "core/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/error.h"

namespace segue {
namespace {

namespace fs = std::filesystem;

constexpr const char* lock_name = ".lock";
constexpr const char* staged = ".staged";        // being written
constexpr const char* committed = ".committed";  // whole; its files wait to be moved into place

void sync(const Path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw Error("{}: {}", path.string(), std::strerror(errno));
  const int failed = ::fsync(file) < 0 ? errno : 0;
  ::close(file);
  // Some file systems can't sync a folder; that is no reason to refuse to work on them.
  if (failed != 0 && failed != EINVAL) throw Error("{}: {}", path.string(), std::strerror(failed));
}

int lock_folder(const Path& data) {
  const Path path = data / lock_name;
  const int file = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
  if (file < 0) throw Error("{}: {}", path.string(), std::strerror(errno));
  if (::flock(file, LOCK_EX | LOCK_NB) < 0) {
    ::close(file);
    throw Error("{}: another segue is at work here; wait until it is done", data.string());
  }
  return file;
}

void move_into_place(const Path& data) {
  const Path from = data / committed;
  if (!fs::exists(from)) return;
  for (const auto& entry : fs::directory_iterator(from)) {
    const Path to = data / entry.path().filename();
    if (fs::is_directory(to)) fs::remove_all(to);
    fs::rename(entry.path(), to);
  }
  sync(data);
  fs::remove_all(from);
}

}  // namespace

std::string read_file(const Path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || fs::is_directory(path)) throw Error("{}: can't be read; is the path right?", path.string());
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

void write_file(const Path& path, std::string_view text) {
  const Path aside = path.string() + ".tmp";
  std::ofstream out(aside, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) {
    const int failed = errno;
    std::error_code ignored;
    fs::remove(aside, ignored);
    throw Error("{}: can't be written: {}", path.string(), std::strerror(failed));
  }
  sync(aside);
  fs::rename(aside, path);
}

Changes::Changes(const Path& data) : data_(data), folder_(data / staged) {
  std::error_code failed;
  fs::create_directories(data, failed);
  if (failed) throw Error("{}: can't be made: {}; name a folder that may be written", data.string(), failed.message());
  lock_ = lock_folder(data);
  move_into_place(data);
  fs::remove_all(folder_);
  fs::create_directory(folder_);
}

Changes::~Changes() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
  if (lock_ >= 0) ::close(lock_);
}

void Changes::commit() {
  for (const auto& entry : fs::recursive_directory_iterator(folder_)) sync(entry.path());
  sync(folder_);
  fs::rename(folder_, data_ / committed);
  sync(data_);
  move_into_place(data_);
}

Reading::Reading(const Path& data) {
  if (fs::exists(data / committed)) {
    const int lock = lock_folder(data);
    move_into_place(data);
    ::close(lock);
  }
  lock_ = ::open((data / lock_name).c_str(), O_RDONLY | O_CLOEXEC);
  if (lock_ < 0) return;
  if (::flock(lock_, LOCK_SH | LOCK_NB) < 0) {
    ::close(lock_);
    throw Error("{}: another segue is at work here; wait until it is done", data.string());
  }
}

Reading::~Reading() {
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace segue
