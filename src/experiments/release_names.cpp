#include "experiments/release_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "listening/spellings.h"
#include "listening/tracks.h"

namespace segue {
namespace {

/// A key of the table of lengths is an id, or made from the names beside it; else nothing that is left can be it.
std::string key_of(std::string_view key, std::string_view artist, std::string_view title, const TextNumbers& artists, const TextNumbers& titles,
                   const TextNumbers& ids) {
  if (ids.has(key)) return ids.of(key);
  if (key != fmt::format("trackname_{}||{}", artist, title)) return {};
  return fmt::format("trackname_{}||{}", artists.of(artist), titles.of(title));
}

}  // namespace

TextNumbers::TextNumbers(std::string word, const std::vector<const Texts*>& columns) : word_(std::move(word)) {
  std::set<std::string_view> sorted;
  for (const Texts* column : columns) {
    for (size_t i = 0; i < column->size(); ++i) sorted.insert((*column)[i]);
  }
  sorted.erase("");
  digits_ = std::to_string(sorted.size()).size();
  int64_t number = 0;
  for (const auto text : sorted) numbers_[std::string(text)] = ++number;
}

std::string TextNumbers::of(std::string_view text) const {
  return text.empty() ? std::string() : fmt::format("{}-{:0{}}", word_, numbers_.at(std::string(text)), digits_);
}

Texts TextNumbers::of(const Texts& column) const {
  Texts out;
  for (size_t i = 0; i < column.size(); ++i) out.push_back(of(column[i]));
  return out;
}

void release_without_names(const Path& data, const Path& stage) {
  Spellings spellings = Spellings::load(data / "spellings.parquet");
  Tracks tracks = Tracks::load(data / "tracks.parquet");
  Table lengths{{"track_key", Texts(), {}}, {"artist", Texts(), {}}, {"title", Texts(), {}}, {"length_ms", std::vector<int64_t>(), {}}};
  const bool has_lengths = std::filesystem::exists(data / "lengths.parquet");
  if (has_lengths) lengths = read_table(data / "lengths.parquet");
  Texts &key = texts(lengths, "track_key"), &artist = texts(lengths, "artist"), &title = texts(lengths, "title");

  const TextNumbers artists("artist", {&spellings.artist, &tracks.artist, &artist}), titles("title", {&spellings.title, &tracks.title, &title});
  const TextNumbers artist_ids("artist-id", {&spellings.artist_id}), ids("id", {&spellings.track_id, &tracks.id});
  Texts keys;
  for (size_t i = 0; i < key.size(); ++i) keys.push_back(key_of(key[i], artist[i], title[i], artists, titles, ids));
  key = std::move(keys);
  artist = artists.of(artist);
  title = titles.of(title);
  if (has_lengths) write_table(stage / "lengths.parquet", lengths);

  spellings.artist_id = artist_ids.of(spellings.artist_id);
  spellings.artist = artists.of(spellings.artist);
  spellings.track_id = ids.of(spellings.track_id);
  spellings.title = titles.of(spellings.title);
  spellings.save(stage / "spellings.parquet");
  tracks.artist = artists.of(tracks.artist);
  tracks.title = titles.of(tracks.title);
  tracks.id = ids.of(tracks.id);
  tracks.save(stage / "tracks.parquet");
}

}  // namespace segue
