#pragma once

#include <stdlib.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "core/files.h"

namespace segue {

/// A folder that is gone after the test.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "segue-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const Path& folder() const { return folder_; }
  Path operator/(std::string_view name) const { return folder_ / name; }

  /// Writes a file and says where it is.
  Path file(std::string_view name, std::string_view bytes) const {
    const Path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    write_file(path, bytes);
    return path;
  }

 private:
  Path folder_;
};

}  // namespace segue
