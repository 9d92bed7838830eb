#include "signals/track_index.h"

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

}  // namespace segue
