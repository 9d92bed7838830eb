#include "listening/tracks.h"

#include <xxhash.h>

#include <numeric>
#include <unordered_map>

#include "core/error.h"
#include "core/flat_map.h"
#include "core/parallel.h"
#include "listening/delimited.h"
#include "listening/names.h"

namespace segue {
namespace {

uint64_t hash_text(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

/// What a track is looked up by.
struct Hashes {
  uint64_t name = 0, id = 0;
};

/// Hashes of the name keys and ids of [from, n), made in parallel: folding names is the slow part of an import.
template <class Names>
std::vector<Hashes> key_hashes(int32_t from, int32_t n, const Names& names, const Texts& ids) {
  std::vector<Hashes> hashes(static_cast<size_t>(n));
  constexpr int32_t block = 8192;
  parallel_for((n - from + block - 1) / block, [&](int64_t b) {
    const auto begin = static_cast<size_t>(from + b * block);
    std::string key;
    size_t artist_end = 0;  // of the key: logs list several tracks of one artist
    for (size_t i = begin; i < std::min(begin + block, static_cast<size_t>(n)); ++i) {
      if (i == begin || names.artist[i] != names.artist[i - 1]) {
        key = name_key(names.artist[i], {});
        artist_end = key.size();
      }
      key.resize(artist_end);
      key += title_key(names.title[i]);
      hashes[i] = {hash_text(key), hash_text(ids[i])};
    }
  });
  return hashes;
}

class Resolver {
 public:
  Resolver(Tracks& tracks, const std::vector<Correction>& corrections, size_t spellings)
      : tracks_(tracks), corrections_(corrections), by_id_(spellings), by_name_(spellings), free_(spellings) {
    const auto keys = key_hashes(0, tracks.size(), tracks, tracks.id);
    for (int32_t t = 0; t < tracks.size(); ++t) know(t, !tracks.id[static_cast<size_t>(t)].empty(), keys[static_cast<size_t>(t)]);
    for (const auto& correction : corrections_) wanted_[hash_text(name_key(correction.artist, correction.title))] = &correction;
  }

  /// Tells the processor what will be asked for soon.
  void prefetch(const Hashes& key) const {
    by_id_.prefetch(key.id);
    by_name_.prefetch(key.name);
    free_.prefetch(key.name);
  }

  int32_t track_of(const Spellings& spellings, size_t s, const Hashes& key) {
    if (!wanted_.empty()) {
      if (const auto found = wanted_.find(key.name); found != wanted_.end()) return named(*found->second);
    }
    const auto id = spellings.track_id[s];
    if (id.empty()) {
      const int32_t track = by_name_.find(key.name);
      return track >= 0 ? track : add(spellings.artist[s], spellings.title[s], id, key);
    }
    if (const int32_t track = by_id_.find(key.id); track >= 0) return track;
    const int32_t track = free_.find(key.name);
    if (track >= 0 && taken_.try_emplace(track, id).second) {
      by_id_.try_emplace(key.id, track);
      return track;
    }
    return add(spellings.artist[s], spellings.title[s], id, key);
  }

  /// Texts can't be changed in place: the ids are written anew where a track took one.
  void finish() {
    if (taken_.empty()) return;
    Texts ids;
    for (int32_t t = 0; t < tracks_.size(); ++t) {
      const auto taken = taken_.find(t);
      ids.push_back(taken == taken_.end() ? tracks_.id[static_cast<size_t>(t)] : std::string_view(taken->second));
    }
    tracks_.id = std::move(ids);
  }

 private:
  void know(int32_t track, bool has_id, const Hashes& key) {
    by_name_.try_emplace(key.name, track);
    if (has_id) by_id_.try_emplace(key.id, track);
    else free_.try_emplace(key.name, track);
  }
  int32_t add(std::string_view artist, std::string_view title, std::string_view id, const Hashes& key) {
    const int32_t track = tracks_.add(artist, title, id);
    know(track, !id.empty(), key);
    return track;
  }
  int32_t named(const Correction& correction) {
    const Hashes key{hash_text(name_key(correction.same_as_artist, correction.same_as_title)), 0};
    const int32_t track = by_name_.find(key.name);
    return track >= 0 ? track : add(correction.same_as_artist, correction.same_as_title, "", key);
  }

  Tracks& tracks_;
  const std::vector<Correction>& corrections_;
  FlatMap<uint64_t> by_id_, by_name_;
  FlatMap<uint64_t> free_;                         // by name, of the tracks without an id; some have taken one since
  std::unordered_map<int32_t, std::string> taken_;
  std::unordered_map<uint64_t, const Correction*> wanted_;
};

}  // namespace

int32_t Tracks::add(std::string_view artist_name, std::string_view title_name, std::string_view track_id) {
  artist.push_back(artist_name);
  title.push_back(title_name);
  id.push_back(track_id);
  length_ms.push_back(0);
  return size() - 1;
}

void Tracks::truncate(int32_t n) {
  const auto size = static_cast<size_t>(n);
  for (auto* column : {&artist, &title, &id}) column->truncate(size);
  length_ms.resize(size);
}

void Tracks::save(const Path& path) const {
  std::vector<int32_t> number(artist.size());
  std::iota(number.begin(), number.end(), 0);
  std::vector<uint8_t> length_known;
  for (const int64_t ms : length_ms) length_known.push_back(ms > 0);
  write_columns(path, {{"track", &number}, {"artist", &artist}, {"title", &title}, {"id", &id}, {"length_ms", &length_ms, &length_known}});
}

namespace {

std::vector<int64_t> lengths_of(Table& table) {
  auto lengths = std::move(values<int64_t>(table, "length_ms"));
  const auto& is_known = known(table, "length_ms");
  for (size_t i = 0; i < is_known.size(); ++i) {
    if (!is_known[i]) lengths[i] = 0;
  }
  return lengths;
}

}  // namespace

Tracks Tracks::load(const Path& path) {
  Table table = read_table(path, {"artist", "title", "id", "length_ms"});
  Tracks tracks;
  tracks.artist = std::move(texts(table, "artist"));
  tracks.title = std::move(texts(table, "title"));
  tracks.id = std::move(texts(table, "id"));
  tracks.length_ms = lengths_of(table);
  return tracks;
}

std::vector<int64_t> Tracks::load_lengths(const Path& path) {
  Table table = read_table(path, {"length_ms"});
  return lengths_of(table);
}

std::vector<Correction> read_corrections(const Path& path) {
  std::vector<Correction> all;
  read_delimited(path, {"artist", "title", "same_as_artist", "same_as_title"},
                 [&](const std::vector<std::string>& f) { all.push_back({f[0], f[1], f[2], f[3]}); });
  return all;
}

void resolve_tracks(Spellings& spellings, Tracks& tracks, const std::vector<Correction>& corrections) {
  int32_t from = 0;  // spellings before have their track
  if (corrections.empty()) {
    while (from < spellings.size() && spellings.track[static_cast<size_t>(from)] >= 0) ++from;
  }
  const auto keys = key_hashes(from, spellings.size(), spellings, spellings.track_id);
  Resolver resolver(tracks, corrections, spellings.track.size());
  constexpr size_t ahead = 16;
  for (auto s = static_cast<size_t>(from); s < spellings.track.size(); ++s) {
    if (s + ahead < keys.size()) resolver.prefetch(keys[s + ahead]);
    spellings.track[s] = resolver.track_of(spellings, s, keys[s]);
  }
  resolver.finish();
  for (size_t s = 0; s < spellings.track.size(); ++s) {
    int64_t& length = tracks.length_ms[static_cast<size_t>(spellings.track[s])];
    if (length == 0) length = spellings.length_ms[s];
  }
}

}  // namespace segue
