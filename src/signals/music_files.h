#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/files.h"

namespace segue {

/// How a file came to its track.
namespace tied {
constexpr const char* by_correction = "correction";  // the person said so
constexpr const char* by_id = "id";                  // the MusicBrainz id of its tags
constexpr const char* by_names = "names";            // artist and title of its tags, by their name_key
constexpr const char* by_length = "names-length";    // of several tracks of these names the one of its length
constexpr const char* by_path = "path";              // artist and title as its path has them
constexpr const char* as_new = "new";                // a track that no log has: added
constexpr const char* as_new_by_path = "new-path";   // the same, with the names of its path
constexpr const char* ambiguous = "ambiguous";       // several tracks have these names: none is taken
constexpr const char* unnamed = "unnamed";           // neither tags nor path name it
constexpr const char* unreadable = "unreadable";     // there is no sound in it that can be read
}  // namespace tied

/// A file of music and whose sound it is.
struct MusicFile {
  std::string path;
  int64_t bytes = 0, changed_ms = 0;
  int64_t content = 0;     // content_hash()
  int32_t track = -1;      // of the data folder; -1: of none
  std::string how;         // one of `tied`
  std::string artist, title, album;  // as the tags or the path say
  double seconds = 0;      // as the tags say; 0: they don't
};

/// The words of a track.
struct TrackLyrics {
  int32_t track = 0;
  bool instrumental = false;
  std::string text;
  std::string source;  // lrc, txt, tags, table
};

struct MusicOptions {
  std::vector<Path> music;    // files, folders: of sound, and .lrc and .txt
  std::vector<Path> lyrics = {};  // tables with artist, title, lyrics
  Path corrections = {};      // a table with path, artist, title: whose sound a file is
  bool only_known = false;    // adds no track that no log has
};

struct MusicReport {
  int64_t files = 0, others = 0;               // of sound; of other kinds
  std::map<std::string, int64_t> tied;         // files by how
  std::map<std::string, std::string> example;  // by how: a path
  int64_t tracks = 0, added = 0;               // tracks with sound; of these added now
  std::map<std::string, int64_t> lyrics;       // tracks by source; "instrumental" counts those without words
  int64_t lyrics_untied = 0;                   // texts that name no track
  std::vector<std::string> problems;
};

/// Ties files of music and lyrics to the tracks of a data folder, which may have none yet, and keeps what it found there:
/// files.parquet, lyrics.parquet, tracks.parquet. Files that are gone are forgotten, if they lay below a folder that was
/// given. Nothing changes before everything is written.
MusicReport tie_music(const Path& data, const MusicOptions& options);

nlohmann::ordered_json to_json(const MusicReport& report);
std::string text_of(const MusicReport& report);

std::vector<MusicFile> load_music_files(const Path& data);
std::vector<TrackLyrics> load_lyrics(const Path& data);

/// For each track that has sound the file to hear: tied by id before others, then the largest. By track.
std::map<int32_t, MusicFile> sound_of_tracks(const std::vector<MusicFile>& files);

}  // namespace segue
