#pragma once

#include "signals/music_files.h"

namespace segue {

// files.parquet and lyrics.parquet, written into a folder of Changes.
void save_music_files(const Path& folder, const std::vector<MusicFile>& files);
void save_lyrics(const Path& folder, const std::vector<TrackLyrics>& lyrics);

}  // namespace segue
