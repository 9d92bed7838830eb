#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/files.h"

namespace segue {

/// The words of a track, or that it has none.
struct Lyrics {
  std::string text;           // lines; empty where instrumental
  bool instrumental = false;
};

/// What is sung, out of what people keep: without time stamps of LRC ([01:23.45], <01:23.45>), its tags ([ar:…]), headings
/// of sections ([Chorus], (Verse 2), "Chorus:"), repeats ("x2") and empty lines; valid UTF-8. Instrumental where the text
/// says only that, as such collections do: "[au: instrumental]", "Instrumental", "♪". Nothing where no word is left and
/// nothing says that there is none.
std::optional<Lyrics> read_lyrics(std::string_view raw);

/// Whose words an LRC file holds, as its tags [ar:…], [ti:…] say; empty where they don't.
struct LyricsTags {
  std::string artist, title;
};
LyricsTags lyrics_tags(std::string_view raw);

/// A text file as UTF-8: one that begins with the mark of UTF-16 is converted, invalid bytes become U+FFFD. Throws Error:
/// it can't be read, or is larger than 4 MiB and so no song's.
std::string read_lyrics_file(const Path& path);

}  // namespace segue
