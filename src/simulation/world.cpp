#include "simulation/world.h"

#include <fmt/format.h>

#include <set>

#include "simulation/genres.h"
#include "simulation/names.h"

namespace segue::simulation {
namespace {

constexpr double artist_spread = 0.7, track_spread = 0.5, version_spread = 0.25;  // against the unit vector they vary
constexpr double version_share = 0.06, second_spelling_share = 0.12;
constexpr double no_artist_mbid = 0.03, no_track_mbid = 0.11;

class Builder {
 public:
  explicit Builder(const WorldOptions& options) : options_(options), random_(random_of(options.seed, Stream::world)) {}

  World build() {
    for (size_t g = 0; g < genres().size(); ++g) world_.centres.push_back(any_direction(random_));
    world_.of_genre.resize(genres().size());
    while (!full()) add_artist();
    return std::move(world_);
  }

 private:
  bool full() const { return static_cast<int64_t>(world_.tracks.size()) >= options_.tracks; }

  Latent near(const Latent& latent, double spread) { return unit(mixed(latent, 1.0, any_direction(random_), spread)); }

  void add_artist() {
    Artist artist;
    const int32_t index = static_cast<int32_t>(world_.artists.size());
    script_ = any_script(random_);
    artist.name = unused(artist_names_, [&] { return artist_name(random_, script_); });
    artist.mbid = uuid(random_);
    if (random_.uniform() < no_artist_mbid) artist.mbid.clear();
    artist.genre = index % static_cast<int32_t>(genres().size());
    artist.latent = near(world_.centres[artist.genre], artist_spread);
    artist.first_track = static_cast<int32_t>(world_.tracks.size());
    world_.artists.push_back(std::move(artist));
    titles_.clear();
    std::set<std::string> album_titles;
    const uint64_t albums = 1 + random_.below(3);
    for (uint64_t i = 0; i < albums && !full(); ++i) {
      add_album(index, unused(album_titles, [&] { return title(random_, script_); }));
    }
  }

  void add_album(int32_t artist, std::string name) {
    Album album;
    const int32_t index = static_cast<int32_t>(world_.albums.size());
    album.title = std::move(name);
    album.mbid = uuid(random_);
    album.artist = artist;
    // Counted rather than drawn, so that the share is the same in small worlds.
    const bool late = index % 10 == 2 || index % 10 == 5 || index % 10 == 9;
    album.released_s = late ? options_.begin_s + static_cast<int64_t>(random_.below(options_.end_s - options_.begin_s)) : 0;
    album.first_track = static_cast<int32_t>(world_.tracks.size());
    world_.albums.push_back(std::move(album));
    const uint64_t tracks = 6 + random_.below(7);
    for (uint64_t i = 0; i < tracks && !full(); ++i) add_track(index);
  }

  void add_track(int32_t album_index) {
    Album& album = world_.albums[album_index];
    Artist& artist = world_.artists[album.artist];
    Track track;
    track.genre = artist.genre;
    track.artist = album.artist;
    track.album = album_index;
    track.position = ++album.tracks;
    track.released_s = album.released_s;
    track.uri = track_uri(random_);
    track.latent = near(artist.latent, track_spread);
    track.length_ms = 120000 + static_cast<int64_t>(random_.below(120000));
    track.length_ms += static_cast<int64_t>(random_.below(90000));  // a sum would leave open which is drawn first
    // Artists are popular in the order in which they were made, their tracks in no order.
    track.weight = 1.0 / ((album.artist + 6.0) * std::sqrt(1.0 + static_cast<double>(random_.below(20))));
    std::string name = unused(titles_, [&] { return title(random_, script_); });
    if (artist.tracks > 3 && random_.uniform() < version_share) make_version(track, name);
    track.spellings = spellings(name);
    ++artist.tracks;
    world_.of_genre[track.genre].push_back(static_cast<int32_t>(world_.tracks.size()));
    world_.tracks.push_back(std::move(track));
  }

  /// Turns a new track into the live or acoustic version of an older one of its artist.
  void make_version(Track& track, std::string& name) {
    const Artist& artist = world_.artists[track.artist];
    const int32_t original = artist.first_track + static_cast<int32_t>(random_.below(artist.tracks));
    const Track& of = world_.tracks[original];
    if (of.version_of >= 0) return;
    const std::string& old = of.spellings[0].title;
    const uint64_t kind = random_.below(3);
    const std::string version = kind == 0   ? old + " (Live)"
                                : kind == 1 ? old + " - Acoustic"
                                            : fmt::format("{} - Live at {}", old, place_name(random_));
    if (!titles_.insert(version).second) return;
    name = version;
    track.version_of = original;
    track.latent = near(of.latent, version_spread);
  }

  std::vector<Spelling> spellings(const std::string& name) {
    std::vector<Spelling> all = {{name, uuid(random_)}};
    const double kind = random_.uniform() / second_spelling_share;
    const uint64_t year = 2005 + random_.below(15);
    const std::string guest = place_name(random_);
    if (kind < 0.4) all.push_back({fmt::format("{} - Remastered {}", name, year), uuid(random_)});
    else if (kind < 0.55) all.push_back({fmt::format("{} (Remastered)", name), uuid(random_)});
    else if (kind < 0.85) all.push_back({fmt::format("{} (feat. {})", name, guest), uuid(random_)});
    else if (kind < 1.0) all.push_back({name, uuid(random_)});  // one name, two entries
    const bool namesake = all.size() == 2 && all[1].title == name;
    for (Spelling& spelling : all) {
      if (random_.uniform() < no_track_mbid && !namesake) spelling.mbid.clear();
    }
    return all;
  }

  WorldOptions options_;
  Random random_;
  World world_;
  Script script_ = Script::latin;                // of the artist in work
  std::set<std::string> artist_names_, titles_;  // titles of the artist in work
};

}  // namespace

World make_world(const WorldOptions& options) { return Builder(options).build(); }

std::string track_key(const World& world, const Track& track, const Spelling& spelling) {
  if (!spelling.mbid.empty()) return spelling.mbid;
  return fmt::format("trackname_{}||{}", world.artists[track.artist].name, spelling.title);
}

}  // namespace segue::simulation
