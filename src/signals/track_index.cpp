#include "signals/track_index.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "core/console.h"
#include "core/error.h"
#include "core/table.h"
#include "listening/names.h"

namespace segue {

TrackIndex::TrackIndex(Tracks& tracks, const std::vector<Correction>& corrections) : tracks_(tracks) {
  for (const auto& c : corrections) corrected_[name_key(c.artist, c.title)] = name_key(c.same_as_artist, c.same_as_title);
  for (int32_t t = 0; t < tracks_.size(); ++t) know(t);
}

void TrackIndex::know(int32_t track) {
  const auto t = static_cast<size_t>(track);
  if (!tracks_.id[t].empty()) ids_.try_emplace(std::string(tracks_.id[t]), track);
  names_[name_key(tracks_.artist[t], tracks_.title[t])].push_back(track);
}

int32_t TrackIndex::by_id(std::string_view id) const {
  const auto found = id.empty() ? ids_.end() : ids_.find(std::string(id));
  return found == ids_.end() ? -1 : found->second;
}

const std::vector<int32_t>& TrackIndex::by_names(std::string_view artist, std::string_view title) const {
  static const std::vector<int32_t> none;
  std::string key = name_key(artist, title);
  if (const auto other = corrected_.find(key); other != corrected_.end()) key = other->second;
  const auto found = names_.find(key);
  return found == names_.end() ? none : found->second;
}

int32_t TrackIndex::add(std::string_view artist, std::string_view title, std::string_view id) {
  const int32_t track = tracks_.add(artist, title, id);
  know(track);
  return track;
}

std::vector<Correction> corrections_of(const Path& data) {
  const Path kept = data / "corrections.tsv";
  return std::filesystem::exists(kept) ? read_corrections(kept) : std::vector<Correction>();
}

Tracks tracks_of(const Path& data) {
  const Path kept = data / "tracks.parquet";
  return std::filesystem::exists(kept) ? Tracks::load(kept) : Tracks();
}

std::string name_of(const Tracks& tracks, int32_t track) {
  const auto t = static_cast<size_t>(track);
  return fmt::format("{} - {}", tracks.artist[t], tracks.title[t]);
}

int32_t find_track(const std::string& words, Tracks& tracks, const std::vector<int32_t>& known, const std::string& having) {
  const auto has = [&](int32_t track) { return std::binary_search(known.begin(), known.end(), track); };
  if (!words.empty() && words.find_first_not_of("0123456789") == std::string::npos && words.size() < 10) {
    if (const int32_t track = std::stoi(words); has(track)) return track;
  }
  const TrackIndex index(tracks, {});
  if (const size_t dash = words.find(" - "); dash != std::string::npos) {
    for (const int32_t track : index.by_names(words.substr(0, dash), words.substr(dash + 3))) {
      if (has(track)) return track;
    }
  }
  const std::string wanted = fold(words);
  std::vector<int32_t> found;
  for (const int32_t track : known) {
    if (fold(name_of(tracks, track)).find(wanted) != std::string::npos) found.push_back(track);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) throw Error("no track with a {} is called '{}'; give a part of \"ARTIST - TITLE\"", having, printable(words));
  std::vector<std::string> some;
  for (const int32_t track : found) {
    if (some.size() < 5) some.push_back("'" + printable(name_of(tracks, track)) + "'");
  }
  throw Error("'{}' may be {}{}: give more of its name", printable(words), fmt::join(some, ", "), found.size() > 5 ? fmt::format(" or {} others", found.size() - 5) : "");
}

std::vector<int64_t> plays_of_tracks(const Path& data, int32_t tracks) {
  std::vector<int64_t> plays(static_cast<size_t>(tracks));
  if (!std::filesystem::exists(data / "plays.parquet")) return {};
  TableReader reader(data / "plays.parquet", {"track"});
  while (auto part = reader.next()) {
    for (const int32_t track : values<int32_t>(*part, "track")) ++plays[static_cast<size_t>(track)];
  }
  return plays;
}

}  // namespace segue
