#include "simulation/lastfm_export.h"

#include <ranges>

#include "simulation/calendar.h"
#include "simulation/written.h"

namespace segue::simulation {
namespace {

std::string quoted(const std::string& cell) {
  std::string text = "\"";
  for (const char c : cell) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

/// "31 Dec 2024, 23:05"
std::string ghan_time(int64_t time_s) {
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Calendar time(time_s);
  return fmt::format("{:02} {} {}, {}", time.day(), months[time.month() - 1], time.year(), time.clock());
}

}  // namespace

std::string lastfm_log(const World& world, const std::string& listener, std::span<const Play> plays) {
  std::string text;
  for (const Play& play : plays | std::views::reverse) {
    const Written row = written(world, play);
    text += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\n", listener, Calendar(play.start_s).iso(), row.artist.mbid, row.artist.name,
                        row.mbid, row.title);
  }
  return text;
}

std::string lastfm_csv(const World& world, std::span<const Play> plays) {
  std::string text = "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\n";
  for (const Play& play : plays | std::views::reverse) {
    const Written row = written(world, play);
    text += fmt::format("\"{}\",\"{}\",{},\"{}\",{},\"{}\",{},\"{}\"\n", play.start_s, ghan_time(play.start_s),
                        quoted(row.artist.name), row.artist.mbid, quoted(row.album.title), row.album.mbid,
                        quoted(row.title), row.mbid);
  }
  return text;
}

}  // namespace segue::simulation
