#pragma once

#include <string>

#include "core/files.h"

namespace segue {

struct PathNames {
  std::string artist, title;  // empty where the path doesn't say
};

/// Whose track a file is, by its path below the folder that was given: "ARTIST - TITLE.mp3", "ARTIST/[ALBUM/]NN TITLE.mp3". A
/// number before the title goes, "_" are blanks where there are no others.
PathNames path_names(const Path& path, const Path& root);

}  // namespace segue
