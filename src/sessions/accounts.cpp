#include "sessions/accounts.h"

#include <date/date.h>

#include <algorithm>
#include <chrono>
#include <unordered_map>
#include <unordered_set>

#include "sessions/completion.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

std::string minute(int64_t ms) {
  return date::format("%F %H:%M", date::floor<std::chrono::minutes>(
                                      date::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(ms))));
}

struct Play {
  int64_t end_ms;
  int32_t played_ms, track;
  std::string_view artist;
};

void describe_sessions(const std::vector<Play>& plays, int64_t gap_ms, Json& out) {
  int64_t sessions = 0, two = 0, five = 0, longest = 0, size = 0, end_to_end = 0, repeats = 0;
  std::unordered_set<int32_t> here;
  const auto close = [&] {
    two += size >= 2;
    five += size >= 5;
    longest = std::max(longest, size);
    size = 0;
    here.clear();
  };
  for (size_t i = 0; i < plays.size(); ++i) {
    const bool opens = i == 0 || plays[i].end_ms - plays[i].played_ms - plays[i - 1].end_ms > gap_ms;
    end_to_end += i == 0 || plays[i].end_ms - plays[i - 1].end_ms > gap_ms;
    if (opens) close();
    sessions += opens;
    ++size;
    repeats += !here.insert(plays[i].track).second;
  }
  close();
  out.update(Json{{"sessions", sessions}, {"sessions_of_2_or_more", two}, {"sessions_of_5_or_more", five}, {"longest_session", longest},
                  {"sessions_end_to_end", end_to_end}, {"repeats_in_session", repeats}});
}

const char* completion_class(double c) {
  if (c < 0.1) return "below_0.1";
  if (c < 0.5) return "0.1_to_0.5";
  if (c < 0.95) return "0.5_to_0.95";
  return c <= 1.05 ? "0.95_to_1.05" : "above_1.05";
}

void describe_completion(const std::vector<Play>& plays, Json& out) {
  std::unordered_map<int32_t, std::vector<int32_t>> times;
  for (const auto& play : plays) times[play.track].push_back(play.played_ms);
  std::unordered_map<int32_t, PlayedLength> length;
  int64_t with_length = 0, with_support = 0, tracks = 0;
  for (auto& [track, of_track] : times) {
    length[track] = played_length(of_track);
    tracks += length[track].length_ms > 0;
  }
  std::map<std::string, int64_t> classes;
  double sum = 0;
  for (const auto& play : plays) {
    const PlayedLength& of_track = length[play.track];
    if (of_track.length_ms == 0) {
      ++classes["unknown"];
      continue;
    }
    const double c = static_cast<double>(play.played_ms) / static_cast<double>(of_track.length_ms);
    ++classes[completion_class(c)];
    sum += std::clamp(c, 0.0, 1.0);
    ++with_length;
    with_support += of_track.support >= 3;
  }
  out.update(Json{{"tracks_with_length", tracks},
                  {"plays_with_length", with_length},
                  {"plays_with_support3", with_support},
                  {"completion", classes}});
  if (with_length > 0) out["completion_mean_capped"] = sum / static_cast<double>(with_length);
}

Json describe_listener(const std::vector<Play>& plays, int64_t gap_s) {
  std::unordered_set<int32_t> tracks;
  std::unordered_set<std::string_view> artists;
  int64_t played = 0, zero = 0, brief = 0;
  for (const auto& play : plays) {
    tracks.insert(play.track);
    artists.insert(play.artist);
    played += play.played_ms;
    zero += play.played_ms == 0;
    brief += play.played_ms < 30'000;
  }
  Json out{{"plays_kept", plays.size()}, {"tracks", tracks.size()}, {"artists", artists.size()}, {"first", minute(plays.front().end_ms)},
           {"last", minute(plays.back().end_ms)}, {"ms_played", played}, {"zero_ms", zero}, {"below_30_s", brief},
           {"repeat_plays", plays.size() - tracks.size()}};
  describe_sessions(plays, 1000 * gap_s, out);
  describe_completion(plays, out);
  return out;
}

}  // namespace

Json describe_accounts(const RawLog& log, const TrackKeys& keys, const std::vector<SourceReport>& sources, int64_t gap_s) {
  Json listeners = Json::object();
  if (log.played_ms.empty()) return listeners;
  for (size_t u = 0; u < log.listeners.size(); ++u) {
    std::vector<Play> plays;
    int64_t duplicates = 0;
    for (auto i = static_cast<size_t>(log.first[u]); i < static_cast<size_t>(log.first[u + 1]); ++i) {
      const int32_t s = log.spelling[i];
      duplicates += log.duplicate[i];
      if (log.duplicate[i] || log.played_ms[i] < 0) continue;
      plays.push_back({log.time_ms[i], log.played_ms[i], keys.of(s), keys.spellings().artist[static_cast<size_t>(s)]});
    }
    if (plays.empty()) continue;
    Json read{{"members", 0}, {"rows", 0}, {"dropped", 0}, {"duplicates", duplicates}};
    for (const auto& source : sources) {
      if (source.listener_count != 1 || source.listeners.front() != log.listeners[u]) continue;
      read["members"] = read["members"].get<int64_t>() + std::ssize(source.files);
      read["rows"] = read["rows"].get<int64_t>() + source.rows;
      for (const auto& [why, fate] : source.refused) read["dropped"] = read["dropped"].get<int64_t>() + fate.count;
    }
    read.update(describe_listener(plays, gap_s));
    listeners.get_ref<Json::object_t&>().emplace_back(log.listeners[u], std::move(read));  // names come once: no search
  }
  return listeners;
}

}  // namespace segue
