#include "signals/music_walk.h"

#include <sys/stat.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <set>

#include "core/console.h"
#include "core/error.h"

namespace segue {
namespace {

namespace fs = std::filesystem;

constexpr std::array sound_endings = {".3gp", ".aac", ".ac3", ".aif", ".aifc", ".aiff", ".amr", ".ape", ".au",  ".caf", ".dff", ".dsf",  ".flac",
                                      ".m4a", ".m4b", ".mka", ".mp2", ".mp3",  ".mp4",  ".mpc", ".oga", ".ogg", ".opus", ".spx", ".tta", ".wav",
                                      ".wave", ".webm", ".wma", ".wv"};
constexpr std::array words_endings = {".lrc", ".txt"};
constexpr int64_t end_bytes = 64 << 10;

class Walk {
 public:
  void enter(const Path& path, const Path& root) {
    struct stat is {};
    if (::stat(path.c_str(), &is) != 0) {
      found_.problems.push_back(path.string() + ": a link that leads nowhere, or may not be read");
      return;
    }
    if (!seen_.insert({is.st_dev, is.st_ino}).second) return;
    if (S_ISREG(is.st_mode)) return add(path, root, is);
    if (!S_ISDIR(is.st_mode)) return;
    std::error_code failed;
    std::vector<Path> inside;
    for (auto entry = fs::directory_iterator(path, failed); !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
      if (entry->path().filename().string().front() != '.') inside.push_back(entry->path());
    }
    if (failed) found_.problems.push_back(path.string() + ": " + failed.message());
    std::sort(inside.begin(), inside.end());
    for (const auto& next : inside) enter(next, root);
  }

  Walked found() {
    const auto by_path = [](const FoundFile& a, const FoundFile& b) { return a.path < b.path; };
    std::sort(found_.sounds.begin(), found_.sounds.end(), by_path);
    std::sort(found_.words.begin(), found_.words.end(), by_path);
    return std::move(found_);
  }

 private:
  void add(const Path& path, const Path& root, const struct stat& is) {
    std::string ending = path.extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    FoundFile file{path, root, is.st_size, is.st_mtim.tv_sec * 1000 + is.st_mtim.tv_nsec / 1'000'000};
    if (std::find(sound_endings.begin(), sound_endings.end(), ending) != sound_endings.end()) found_.sounds.push_back(std::move(file));
    else if (std::find(words_endings.begin(), words_endings.end(), ending) != words_endings.end()) found_.words.push_back(std::move(file));
    else ++found_.others;
  }

  Walked found_;
  std::set<std::pair<dev_t, ino_t>> seen_;
};

}  // namespace

Walked walk_music(const std::vector<Path>& paths) {
  Walk walk;
  for (const auto& given : paths) {
    if (!fs::exists(given)) throw Error("{}: there is no such file or folder", printable(given.string()));
    const Path path = fs::absolute(given).lexically_normal();
    walk.enter(path, fs::is_directory(path) ? path : path.parent_path());
  }
  return walk.found();
}

int64_t content_hash(const Path& file, int64_t bytes) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error("{}: can't be read", file.string());
  std::string ends(static_cast<size_t>(std::min(bytes, 2 * end_bytes)), '\0');
  const auto head = std::min<std::streamsize>(static_cast<std::streamsize>(ends.size()), end_bytes);
  in.read(ends.data(), head);
  if (const auto rest = static_cast<std::streamsize>(ends.size()) - head; rest > 0) {
    in.seekg(bytes - rest);
    in.read(ends.data() + head, rest);
  }
  if (!in) throw Error("{}: became shorter while it was read", file.string());
  return static_cast<int64_t>(XXH3_64bits_withSeed(ends.data(), ends.size(), static_cast<uint64_t>(bytes)));
}

}  // namespace segue
