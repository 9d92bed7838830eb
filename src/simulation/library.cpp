#include "simulation/library.h"

#include <fmt/format.h>

#include <mutex>
#include <set>
#include <vector>

#include "core/parallel.h"
#include "core/progress.h"
#include "simulation/lyrics.h"
#include "simulation/names.h"
#include "simulation/sound.h"

namespace segue::simulation {
namespace {

/// A file name that none of `used` equals, not even where a file system takes no notice of capitals.
std::string own_name(std::set<std::string>& used, const std::string& name) {
  std::string candidate = file_name(name);
  for (int more = 2;; ++more) {
    std::string lower = candidate;
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (used.insert(lower).second) return candidate;
    candidate = fmt::format("{} ({})", file_name(name), more);
  }
}

/// The albums in the order in which they get sound: one of each genre in turn, alternately its most popular one left
/// (artists are popular in their order) and any.
std::vector<int32_t> album_order(const World& world, uint64_t seed) {
  Random random = random_of(seed, Stream::library);
  std::vector<std::vector<int32_t>> left(world.of_genre.size());
  for (size_t i = 0; i < world.albums.size(); ++i) {
    left[world.artists[world.albums[i].artist].genre].push_back(static_cast<int32_t>(i));
  }
  std::vector<int32_t> order;
  for (bool popular = true; order.size() < world.albums.size(); popular = !popular) {
    for (auto& albums : left) {
      if (albums.empty()) continue;
      const auto album = albums.begin() + static_cast<std::ptrdiff_t>(popular ? 0 : random.below(albums.size()));
      order.push_back(*album);
      albums.erase(album);
    }
  }
  return order;
}

}  // namespace

std::map<int32_t, std::string> sound_files(const World& world, int64_t at_least, uint64_t seed) {
  std::set<int32_t> albums;
  int64_t tracks = 0;
  for (const int32_t album : album_order(world, seed)) {
    if (tracks >= at_least) break;
    albums.insert(album);
    tracks += world.albums[album].tracks;
  }
  std::map<int32_t, std::string> files, artist_folders;
  std::map<int32_t, std::set<std::string>> album_names;
  std::set<std::string> artist_names;
  for (const int32_t index : albums) {
    const Album& album = world.albums[index];
    auto folder = artist_folders.find(album.artist);
    if (folder == artist_folders.end()) {
      folder = artist_folders.emplace(album.artist, own_name(artist_names, world.artists[album.artist].name)).first;
    }
    const std::string album_folder = own_name(album_names[album.artist], album.title);
    for (int32_t track = album.first_track; track < album.first_track + album.tracks; ++track) {
      files[track] = fmt::format("library/{}/{}/{:02} {}.wav", folder->second, album_folder, world.tracks[track].position,
                                 file_name(world.tracks[track].spellings[0].title));
    }
  }
  return files;
}

int64_t write_library(const World& world, const std::map<int32_t, std::string>& sounds, const LibraryOptions& options,
                      StagedFolder& folder) {
  const std::vector<std::pair<int32_t, std::string>> files(sounds.begin(), sounds.end());
  Progress progress("sounds", static_cast<int64_t>(files.size()), "tracks");
  std::mutex one_at_a_time;
  int64_t with_words = 0;
  parallel_for(static_cast<int64_t>(files.size()), [&](int64_t i) {
    const auto& [index, name] = files[i];
    const Track& track = world.tracks[index];
    const Tags tags{world.artists[track.artist].name, world.albums[track.album].title, track.spellings[0].title};
    folder.write(name, wav(sound(track, options.seconds, random_of(options.seed, Stream::sound, index)), tags));
    Random random = random_of(options.seed, Stream::lyrics, index);
    const Words words = words_of(random);
    if (words != Words::unknown) {
      folder.write(Path(name).replace_extension(".lrc"), lrc(track, tags, words, random));
    }
    const std::lock_guard lock(one_at_a_time);
    with_words += words != Words::unknown;
    progress.advance(1);
  });
  return with_words;
}

}  // namespace segue::simulation
