#pragma once

#include <string>
#include <vector>

#include "experiments/read_release.h"
#include "experiments/release.h"
#include "support/logs.h"

namespace segue {

namespace fs = std::filesystem;

inline const SignalAbout heard{"heard", "sound", "made by /home/zoe/models/net; mean", 3};
inline const std::vector<std::string> listeners{"zoe zaminer", "carlos-vega", "Ann Onymous"};

/// Three listeners, a protocol, a signal with a file that can't be read.
struct Shared {
  Shared() {
    std::string log;
    for (size_t who = 0; who < listeners.size(); ++who) {
      for (int i = 0; i < 60; ++i) {
        const char title = static_cast<char>('a' + i * (3 + i) % (5 + static_cast<int>(who)));
        const auto when = 100 * i + static_cast<int64_t>(who);
        log += line(listeners[who], when, std::string(1, title), title == 'b' ? "id-b" : "", title < 'd' ? "The Ann" : "Bob");
      }
    }
    data.import("private-folder-of-zoe.tsv", log);
    save(data.prepare(small_protocol()), data.folder());
    make({heard, {0, 2, 3}, {Known::vector, Known::unreadable, Known::vector}, {11, 12, 13}, {1, 2, 3, 0, 0, 0, 4, 5, 6}, {},
          {{2, "/home/zoe/music/b.mp3: cut off"}}});
  }
  void make(const Signal& signal) const {
    const Path folder = signal_folder(data.folder(), signal.about.name);
    fs::create_directories(folder);
    write_about(folder, signal.about);
    save_vectors(folder, signal);
  }
  Path into() const { return data.scratch / "shared"; }
  Release release(const ReleaseOptions& options = {}) const { return release_data(data.folder(), into(), options); }
  Path back() const {
    import_release(into(), data.scratch / "back");
    return data.scratch / "back";
  }

  TestData data;
};

inline std::vector<Path> files_of(const Path& folder) {
  std::vector<Path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  return files;
}

}  // namespace segue
