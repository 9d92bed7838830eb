#pragma once

#include <map>
#include <string>

#include "backbones/backbone.h"
#include "core/files.h"

namespace segue {

/// What a run's model keeps of listeners, in a folder: from one start of the program to the next a new play costs one token.
/// Each file says which weights it was made with; those of others are not used, and are written anew.
class Recollections {
 public:
  /// run: folder of the run. Throws Error where there is no model in it.
  Recollections(const Path& folder, const Path& run);

  /// Of a listener by name: as it was kept, or nothing yet. Stays where it is.
  Recollection& of(const std::string& listener);
  /// Writes those that were read on since. Throws Error on a full disk; each file is whole or as it was.
  void save();

 private:
  struct Known {
    Recollection recollection;
    int64_t written = 0;  // plays read when it was written
  };
  Path file_of(const std::string& listener) const;

  Path folder_;
  std::string weights_;  // a hash
  std::map<std::string, Known> known_;
};

}  // namespace segue
