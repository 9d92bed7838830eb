#include "sessions/track_keys.h"

#include <xxhash.h>

#include <fmt/format.h>
#include <algorithm>
#include <tuple>
#include <unordered_map>

namespace segue {
namespace {

/// Numbers 0, 1, … for texts, equal for equal texts (by 128 bits of hash), in the order of first appearance.
class Numbers {
 public:
  explicit Numbers(size_t expected) { seen_.reserve(expected); }
  int32_t of(const std::string& text) {
    const auto hash = XXH3_128bits(text.data(), text.size());
    return seen_.try_emplace({hash.low64, hash.high64}, static_cast<int32_t>(seen_.size())).first->second;
  }
  int32_t size() const { return static_cast<int32_t>(seen_.size()); }

 private:
  struct Low {
    size_t operator()(const std::pair<uint64_t, uint64_t>& hash) const { return hash.first; }
  };
  std::unordered_map<std::pair<uint64_t, uint64_t>, int32_t, Low> seen_;
};

}  // namespace

TrackKeys::TrackKeys(const Path& data, bool raw)
    : raw_(raw), spellings_(Spellings::load(data / "spellings.parquet")), tracks_(Tracks::load(data / "tracks.parquet")) {
  pair_ = raw_identity(spellings_);
  for (const int32_t pair : pair_) pairs_ = std::max(pairs_, pair + 1);
  Numbers numbers(static_cast<size_t>(spellings_.size()));
  if (!raw) spelling_of_.assign(static_cast<size_t>(tracks_.size()), -1);
  for (int32_t s = 0; s < spellings_.size(); ++s) {
    const int32_t key = raw ? numbers.of(raw_track_key(spellings_, s)) : spellings_.track[static_cast<size_t>(s)];
    key_.push_back(key);
    if (raw && key == static_cast<int32_t>(spelling_of_.size())) spelling_of_.push_back(s);
    if (!raw && spelling_of_[static_cast<size_t>(key)] < 0) spelling_of_[static_cast<size_t>(key)] = s;
  }
}

std::string TrackKeys::text(int32_t key) const {
  if (raw_) return raw_track_key(spellings_, spelling_of_[static_cast<size_t>(key)]);
  const auto id = tracks_.id[static_cast<size_t>(key)];
  return id.empty() ? fmt::format("trackname_{}||{}", artist(key), title(key)) : std::string(id);
}

std::string_view TrackKeys::artist(int32_t key) const {
  return raw_ ? spellings_.artist[first(key)] : tracks_.artist[static_cast<size_t>(key)];
}

std::string_view TrackKeys::title(int32_t key) const {
  return raw_ ? spellings_.title[first(key)] : tracks_.title[static_cast<size_t>(key)];
}

std::vector<int32_t> TrackKeys::sorted_by_text(std::vector<int32_t> keys) const {
  std::vector<std::pair<std::string, int32_t>> named;
  named.reserve(keys.size());
  for (const int32_t key : keys) named.emplace_back(text(key), key);
  std::sort(named.begin(), named.end());
  std::transform(named.begin(), named.end(), keys.begin(), [](const auto& pair) { return pair.second; });
  return keys;
}

std::vector<int32_t> TrackKeys::in_catalogue_order(std::vector<int32_t> keys) const {
  if (!raw_) {
    std::sort(keys.begin(), keys.end());
    return keys;
  }
  keys = sorted_by_text(std::move(keys));
  std::stable_sort(keys.begin(), keys.end(), [&](int32_t a, int32_t b) {
    return std::tuple(artist(a), title(a)) < std::tuple(artist(b), title(b));
  });
  return keys;
}

}  // namespace segue
