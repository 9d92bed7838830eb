#include "sessions/track_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/error.h"
#include "core/hash_numbers.h"
#include "core/parallel.h"

namespace segue {

TrackKeys::TrackKeys(const Path& data, bool raw) : raw_(raw) {
  parallel_for(2, [&](int64_t job) {
    if (job == 0) spellings_ = Spellings::load(data / "spellings.parquet");
    else if (raw_) tracks_.length_ms = Tracks::load_lengths(data / "tracks.parquet");
    else tracks_ = Tracks::load(data / "tracks.parquet");
  });
  parallel_for(2, [&](int64_t job) {
    if (job == 0) pair_ = raw_identity(spellings_);
    else number_keys();
  });
  for (const int32_t pair : pair_) pairs_ = std::max(pairs_, pair + 1);
}

void TrackKeys::number_keys() {
  if (!raw_) {
    key_ = spellings_.track;
    for (const int32_t key : key_) {
      if (key < 0 || key >= tracks_.size()) {
        throw Error("spellings.parquet names track {} of {}; import the logs into a new folder", key, tracks_.size());
      }
    }
    spelling_of_.assign(static_cast<size_t>(tracks_.size()), -1);
    for (int32_t s = spellings_.size(); s-- > 0;) spelling_of_[static_cast<size_t>(key_[static_cast<size_t>(s)])] = s;
    return;
  }
  key_ = number_texts(spellings_.artist.size(), [&](size_t s, std::string& text) { add_raw_track_key(spellings_, s, text); });
  for (int32_t s = 0; s < spellings_.size(); ++s) {
    if (key_[static_cast<size_t>(s)] == static_cast<int32_t>(spelling_of_.size())) spelling_of_.push_back(s);
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
  struct Named {
    uint64_t head;  // the first eight bytes, which nearly always decide
    size_t begin, size;
    int32_t key;
  };
  std::string all;
  std::vector<Named> named;
  named.reserve(keys.size());
  for (const int32_t key : keys) {
    const size_t begin = all.size();
    all += text(key);
    uint64_t head = 0;
    for (size_t i = 0; i < 8; ++i) head = head << 8 | (begin + i < all.size() ? static_cast<unsigned char>(all[begin + i]) : 0u);
    named.push_back({head, begin, all.size() - begin, key});
  }
  const auto text_of = [&](const Named& one) { return std::string_view(all).substr(one.begin, one.size); };
  const auto before = [&](const Named& a, const Named& b) { return a.head != b.head ? a.head < b.head : text_of(a) < text_of(b); };
  const auto middle = named.begin() + std::ssize(named) / 2;
  parallel_for(2, [&](int64_t half) {
    half == 0 ? std::sort(named.begin(), middle, before) : std::sort(middle, named.end(), before);
  });
  std::inplace_merge(named.begin(), middle, named.end(), before);
  std::transform(named.begin(), named.end(), keys.begin(), [](const Named& one) { return one.key; });
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
