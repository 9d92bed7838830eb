#include "listening/spellings.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <unordered_map>

#include "core/console.h"
#include "core/error.h"
#include "core/hash_numbers.h"

namespace segue {
namespace {

SpellingHash hash_of(const RawPlay& row) {
  thread_local std::string fields;
  fields.clear();
  for (const auto field : {row.artist_id, row.artist, row.track_id, row.title}) {
    fields += field;
    fields += '\t';
  }
  fields.pop_back();
  // Names with tabs in them could be divided in more than one way.
  if (std::count(fields.begin(), fields.end(), '\t') > 3) {
    for (const auto field : {row.artist_id, row.artist, row.track_id, row.title}) fields += fmt::format("\t{}", field.size());
  }
  return spelling_hash(fields);
}

}  // namespace

SpellingHash spelling_hash(std::string_view fields) {
  const auto hash = XXH3_128bits(fields.data(), fields.size());
  return {hash.low64 | 1, hash.high64};  // all zero means: not known yet
}

int32_t Spellings::add(const RawPlay& row) {
  const SpellingHash hash = row.spelling == SpellingHash{} ? hash_of(row) : row.spelling;
  while (3 * slots_.size() < 4 * (artist.size() + 1)) grow();
  const size_t mask = slots_.size() - 1;
  for (size_t i = hash.low & mask;; i = (i + 1) & mask) {
    if (slots_[i].number < 0) return insert(hash, row);
    if (slots_[i].is(hash)) {
      const int32_t number = slots_[i].number;
      if (row.length_ms && length_ms[static_cast<size_t>(number)] == 0) length_ms[static_cast<size_t>(number)] = *row.length_ms;
      return number;
    }
  }
}

int32_t Spellings::insert(const SpellingHash& hash, const RawPlay& row) {
  for (const auto text : {row.artist_id, row.artist, row.track_id, row.title}) {
    if (!is_valid_utf8(text)) return add_mended(row);
  }
  // Asked of all four before one is changed: a row that is refused must not leave columns of different lengths.
  if (!artist_id.has_room(row.artist_id.size()) || !artist.has_room(row.artist.size()) || !track_id.has_room(row.track_id.size()) ||
      !title.has_room(row.title.size())) {
    throw Error("more than 2 GiB of names or ids; import the rest of the logs into another folder");
  }
  const int32_t number = size();
  const size_t mask = slots_.size() - 1;
  size_t i = hash.low & mask;
  while (slots_[i].number >= 0) i = (i + 1) & mask;
  slots_[i] = Slot(hash, number);
  artist_id.push_back(row.artist_id);
  artist.push_back(row.artist);
  track_id.push_back(row.track_id);
  title.push_back(row.title);
  length_ms.push_back(row.length_ms.value_or(0));
  track.push_back(-1);
  return number;
}

/// Known by what is kept of it, so that the same log read again finds it.
int32_t Spellings::add_mended(const RawPlay& row) {
  ++mended_;
  const std::string texts[] = {valid_utf8(row.artist_id), valid_utf8(row.artist), valid_utf8(row.track_id), valid_utf8(row.title)};
  RawPlay mended = row;
  mended.artist_id = texts[0];
  mended.artist = texts[1];
  mended.track_id = texts[2];
  mended.title = texts[3];
  mended.spelling = {};
  return add(mended);
}

void Spellings::grow() {
  const bool loaded = slots_.empty() && artist.size() > 0;  // from a file, or cut short: who only reads needs no slots
  std::vector<Slot, BigPages<Slot>> old(std::max<size_t>({1024, 2 * slots_.size(), std::bit_ceil(artist.size() + artist.size() / 2 + 2)}));
  old.swap(slots_);
  const auto place = [&](const Slot& slot) {
    const size_t mask = slots_.size() - 1;
    size_t i = slot.low & mask;
    while (slots_[i].number >= 0) i = (i + 1) & mask;
    slots_[i] = slot;
  };
  for (const Slot& slot : old) {
    if (slot.number >= 0) place(slot);
  }
  for (size_t i = 0; loaded && i < artist.size(); ++i) {
    RawPlay row;
    row.artist_id = artist_id[i];
    row.artist = artist[i];
    row.track_id = track_id[i];
    row.title = title[i];
    place(Slot(hash_of(row), static_cast<int32_t>(i)));
  }
}

void Spellings::truncate(int32_t n) {
  const auto size = static_cast<size_t>(n);
  for (auto* column : {&artist_id, &artist, &track_id, &title}) column->truncate(size);
  length_ms.resize(size);
  track.resize(size);
  slots_.clear();  // made again by the next add()
}

void Spellings::save(const Path& path) const {
  std::vector<int32_t> number(artist.size());
  std::iota(number.begin(), number.end(), 0);
  std::vector<uint8_t> length_known;
  for (const int64_t ms : length_ms) length_known.push_back(ms > 0);
  write_columns(path, {{"spelling", &number}, {"artist_id", &artist_id}, {"artist", &artist}, {"track_id", &track_id}, {"title", &title},
                       {"length_ms", &length_ms, &length_known}, {"track", &track}});
}

Spellings Spellings::load(const Path& path) {
  Table table = read_table(path, {"artist_id", "artist", "track_id", "title", "length_ms", "track"});
  Spellings all;
  all.artist_id = std::move(texts(table, "artist_id"));
  all.artist = std::move(texts(table, "artist"));
  all.track_id = std::move(texts(table, "track_id"));
  all.title = std::move(texts(table, "title"));
  all.length_ms = std::move(values<int64_t>(table, "length_ms"));
  const auto& length_known = known(table, "length_ms");
  for (size_t i = 0; i < length_known.size(); ++i) {
    if (!length_known[i]) all.length_ms[i] = 0;
  }
  all.track = std::move(values<int32_t>(table, "track"));
  return all;
}

void add_raw_track_key(const Spellings& spellings, size_t spelling, std::string& text) {
  if (const auto id = spellings.track_id[spelling]; !id.empty()) {
    text += id;
    return;
  }
  text += "trackname_";
  text += spellings.artist[spelling];
  text += "||";
  text += spellings.title[spelling];
}

std::string raw_track_key(const Spellings& spellings, int32_t spelling) {
  std::string text;
  add_raw_track_key(spellings, static_cast<size_t>(spelling), text);
  return text;
}

std::string raw_artist_key(const Spellings& spellings, int32_t spelling) {
  const auto i = static_cast<size_t>(spelling);
  if (!spellings.artist_id[i].empty()) return std::string(spellings.artist_id[i]);
  return fmt::format("artistname_{}", spellings.artist[i]);
}

std::vector<int32_t> raw_identity(const Spellings& spellings) {
  return number_texts(spellings.artist.size(), [&](size_t s, std::string& text) {
    const auto id = spellings.artist_id[s];
    if (id.empty()) text += "artistname_";
    text += id.empty() ? spellings.artist[s] : id;
    text += '\n';
    add_raw_track_key(spellings, s, text);
  });
}

}  // namespace segue
