#include "sessions/completion.h"

#include <utf8proc.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "sessions/quantile.h"

namespace segue {
namespace {

/// Lower case letter by letter, any white space as one blank, none at the ends.
std::string lower_and_squeeze(std::string_view text) {
  std::string out;
  bool blank = false;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (size_t i = 0; i < text.size();) {
    utf8proc_int32_t c = 0;
    const auto step = utf8proc_iterate(bytes + i, static_cast<utf8proc_ssize_t>(text.size() - i), &c);
    i += static_cast<size_t>(std::max<utf8proc_ssize_t>(1, step));
    if (step < 1) continue;
    if ((c >= 9 && c <= 13) || c == 0x85 || c == ' ' || utf8proc_category(c) == UTF8PROC_CATEGORY_ZS || c == 0x2028 || c == 0x2029) {
      blank = true;
      continue;
    }
    if (blank && !out.empty()) out += ' ';
    blank = false;
    utf8proc_uint8_t lower[4];
    const auto size = utf8proc_encode_char(utf8proc_tolower(c), lower);
    out.append(reinterpret_cast<const char*>(lower), static_cast<size_t>(size));
  }
  return out;
}

/// Rule P14's normal form: not that of name_key, since it has to agree with published figures.
std::string plain_name(std::string_view text) {
  static const std::vector<std::pair<std::string_view, char>> curly = {
      {"\u2018", '\''}, {"\u2019", '\''}, {"\u201c", '"'}, {"\u201d", '"'}};
  std::string straight;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto found = std::find_if(curly.begin(), curly.end(), [&](const auto& c) { return text.substr(i).starts_with(c.first); });
    if (found == curly.end()) {
      straight += text[i];
    } else {
      straight += found->second;
      i += found->first.size() - 1;
    }
  }
  return lower_and_squeeze(straight);
}

}  // namespace

LengthTable::LengthTable(const Path& data) {
  const Path path = data / "lengths.parquet";
  if (!std::filesystem::exists(path)) return;
  Table table = read_table(path);
  key_ = std::move(texts(table, "track_key"));
  artist_ = std::move(texts(table, "artist"));
  title_ = std::move(texts(table, "title"));
  length_ms_ = std::move(values<int64_t>(table, "length_ms"));
  empty_ = length_ms_.empty();
}

std::vector<int64_t> LengthTable::by_key(const TrackKeys& keys) const {
  std::unordered_map<std::string_view, int64_t> known;
  known.reserve(length_ms_.size());
  for (size_t i = 0; i < length_ms_.size(); ++i) known.try_emplace(key_[i], length_ms_[i]);
  std::vector<int64_t> lengths;
  for (int32_t key = 0; key < keys.count(); ++key) {
    const auto found = known.find(keys.text(key));
    lengths.push_back(found == known.end() ? 0 : found->second);
  }
  return lengths;
}

std::vector<int64_t> LengthTable::by_name(const TrackKeys& keys) const {
  std::unordered_map<std::string, int64_t> known;
  known.reserve(length_ms_.size());
  const auto name = [](std::string_view artist, std::string_view title) { return plain_name(artist) + "||" + plain_name(title); };
  for (size_t i = 0; i < length_ms_.size(); ++i) known.try_emplace(name(artist_[i], title_[i]), length_ms_[i]);
  const auto& spellings = keys.spellings();
  std::vector<int64_t> lengths;
  for (size_t s = 0; s < spellings.artist.size(); ++s) {
    const auto found = known.find(name(spellings.artist[s], spellings.title[s]));
    lengths.push_back(found == known.end() ? 0 : found->second);
  }
  return lengths;
}

PlayedLength played_length(std::vector<int32_t>& played_ms) {
  std::sort(played_ms.begin(), played_ms.end());
  PlayedLength best;
  for (size_t begin = 0, end = 0; begin < played_ms.size(); begin = end) {
    while (end < played_ms.size() && played_ms[end] == played_ms[begin]) ++end;
    const auto times = static_cast<int64_t>(end - begin);
    if (played_ms[begin] >= 30'000 && times >= 2 && times >= best.support) best = {played_ms[begin], times};
  }
  return best;
}

std::vector<int64_t> track_lengths(const LengthTable& table, const TrackKeys& keys, const RawLog& raw,
                                   const std::vector<int32_t>& track, const std::vector<Part>& part, size_t tracks) {
  std::vector<int64_t> length(tracks);
  const auto by_key = table.empty() ? std::vector<int64_t>(static_cast<size_t>(keys.count())) : table.by_key(keys);
  const auto by_name = table.empty() ? std::vector<int64_t>(keys.spellings().artist.size()) : table.by_name(keys);
  for (size_t i = 0; i < track.size(); ++i) {
    int64_t& of_track = length[static_cast<size_t>(track[i])];
    const int32_t key = keys.of(raw.spelling[i]);
    if (of_track == 0) of_track = by_key[static_cast<size_t>(key)];
    if (of_track == 0) of_track = by_name[static_cast<size_t>(raw.spelling[i])];
    if (of_track == 0) of_track = keys.length_ms(key);
  }
  if (raw.played_ms.empty()) return length;
  std::vector<std::vector<int32_t>> times(tracks);
  for (size_t i = 0; i < track.size(); ++i) {
    if (part[i] < Part::val && raw.played_ms[i] >= 0) times[static_cast<size_t>(track[i])].push_back(raw.played_ms[i]);
  }
  for (size_t t = 0; t < tracks; ++t) {
    if (length[t] <= 0) length[t] = played_length(times[t]).length_ms;
  }
  return length;
}

nlohmann::ordered_json describe_listened(std::vector<int64_t> seconds, int64_t rows) {
  const auto known = static_cast<int64_t>(seconds.size());
  nlohmann::ordered_json out{{"known", known}, {"missing", rows - known}};
  const int64_t sum = std::accumulate(seconds.begin(), seconds.end(), int64_t{0});
  if (known > 0) {
    out["mean_s"] = static_cast<double>(sum) / static_cast<double>(known);
    auto from = seconds.begin();  // what stands before is less than all that comes
    for (const int q : {5, 25, 50, 75, 95}) {
      const auto at = seconds.begin() + ((known - 1) * q * 2 + 100) / 200;
      std::nth_element(from, at, seconds.end());
      out["quantiles_s_nearest"][std::to_string(q)] = *at;
      from = at;
    }
  } else {
    out["mean_s"] = nullptr;
    out["quantiles_s_nearest"] = nullptr;
  }
  out["sum_s"] = sum;
  return out;
}

nlohmann::ordered_json describe_ratios(std::vector<double> ratios, int64_t rows) {
  const auto known = static_cast<int64_t>(ratios.size());
  nlohmann::ordered_json out{{"rows", rows}, {"known", known}, {"missing", rows - known}};
  if (known == 0) return out;
  std::sort(ratios.begin(), ratios.end());
  std::vector<int64_t> twentieths(20);
  for (const double r : ratios) ++twentieths[static_cast<size_t>(std::clamp(std::floor(r * 20), 0.0, 19.0))];
  const auto middle = static_cast<size_t>(known / 2);
  const auto complete = static_cast<double>(ratios.end() - std::lower_bound(ratios.begin(), ratios.end(), 1.0));
  out["mean"] = std::accumulate(ratios.begin(), ratios.end(), 0.0) / static_cast<double>(known);
  out["median"] = known % 2 == 1 ? ratios[middle] : (ratios[middle - 1] + ratios[middle]) / 2;
  out["complete_share"] = complete / static_cast<double>(known);
  out["twentieths"] = twentieths;
  return out;
}

}  // namespace segue
