#pragma once

#include <string>

#include "core/files.h"

namespace segue {

/// What a file of sound says it is. What it doesn't say is empty. Text is valid UTF-8 without blanks around it.
struct SoundTags {
  std::string artist, album_artist, title, album;  // several artists stand with ", " between them
  std::string recording_mbid;                      // MusicBrainz: of the recording; files name it "track id"
  std::string track_mbid;                          // MusicBrainz: of the recording's place on a release
  std::string isrc;
  std::string language;  // of the words, as the file writes it: "eng", "en", "English"
  std::string lyrics;    // lines end in \n; time stamps and marks of sections are still there
  double seconds = 0;    // how long it says the sound is; 0: it doesn't say
};

/// Reads ID3, Vorbis comments, MP4's atoms, APE and whatever else TagLib knows; the content says which, not the name.
/// Throws Error where there is no regular file to read; a file that TagLib makes nothing of has no tags. A picture within
/// the tags is read with them and takes its size in memory while they are.
SoundTags read_tags(const Path& file);

}  // namespace segue
