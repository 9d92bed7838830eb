#include "experiments/checksums.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/console.h"
#include "core/error.h"
#include "sessions/digest.h"

namespace segue {
namespace {

namespace fs = std::filesystem;

constexpr size_t digits = 64;

/// A name of a file below the folder and of nothing else.
bool stays_inside(const Path& file) {
  if (file.empty() || file.is_absolute() || !file.has_filename()) return false;
  for (const auto& part : file) {
    if (part == ".." || part.string().starts_with('.')) return false;
  }
  return true;
}

}  // namespace

std::string sha256_of(const Path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in || fs::is_directory(file)) throw Error("{}: can't be read", file.string());
  Sha256 hash;
  std::string bytes(1 << 20, '\0');
  while (in.read(bytes.data(), static_cast<std::streamsize>(bytes.size())) || in.gcount() > 0) {
    hash.add(std::string_view(bytes).substr(0, static_cast<size_t>(in.gcount())));
  }
  if (in.bad()) throw Error("{}: can't be read to its end: {}", file.string(), std::strerror(errno));
  return hash.hex();
}

std::string text_of(const std::vector<Checksum>& checksums) {
  std::string text;
  for (const auto& one : checksums) text += fmt::format("{}  {}\n", one.sha256, one.file);
  return text;
}

std::vector<Checksum> read_checksums(const Path& folder) {
  const Path path = folder / checksums_file;
  if (!fs::exists(path)) throw Error("{}: is missing; get the whole release again", path.string());
  std::vector<Checksum> all;
  std::istringstream lines(read_file(path));
  for (std::string line; std::getline(lines, line);) {
    const bool right = line.size() > digits + 2 && line.find_first_not_of("0123456789abcdef") == digits && line[digits] == ' ' &&
                       (line[digits + 1] == ' ' || line[digits + 1] == '*') && stays_inside(line.substr(digits + 2));
    if (!right) throw Error("{}: line {} is no checksum of a file of this folder: '{}'", path.string(), all.size() + 1, printable(line));
    all.push_back({line.substr(digits + 2), line.substr(0, digits)});
  }
  return all;
}

void verify(const Path& folder, const std::vector<Checksum>& checksums) {
  for (const auto& one : checksums) {
    const Path file = folder / one.file;
    if (!fs::is_regular_file(file)) throw Error("{}: is missing; get the whole release again", file.string());
    if (sha256_of(file) != one.sha256) {
      throw Error("{}: is not the file that was released: its SHA-256 is not that of {}; get it again", file.string(), checksums_file);
    }
  }
}

}  // namespace segue
