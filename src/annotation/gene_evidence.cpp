#include "annotation/gene_evidence.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/console.h"
#include "core/error.h"
#include "listening/names.h"
#include "signals/artist_words.h"
#include "signals/music_files.h"
#include "signals/neighbours.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t longest_name = 200, longest_tags = 500;  // characters
constexpr size_t near_ones = 3;       // of each signal
constexpr const char* descriptors = "descriptors";
// Places in the 63 numbers of `descriptors` (encoders/descriptors.h).
constexpr int64_t numbers = 63;
constexpr size_t centroid = 40, loudness = 58, crossings = 60, tempo = 62;
/// Percentiles are told in steps, or one more track would change what is told of all others, and all would be asked anew.
constexpr double percentile_step = 5;

/// The first so many characters.
std::string_view first_characters(std::string_view text, int64_t count) {
  size_t at = 0;
  while (at < text.size() && count >= 0) {
    count -= (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 ? 1 : 0;  // a character begins
    if (count >= 0) ++at;
  }
  return text.substr(0, at);
}

int64_t characters_of(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

/// Whole lines, as many as have room; of a first line that has none its beginning.
std::string first_lines(std::string_view text, int64_t most) {
  std::string out;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string line = printable(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    if (out.empty()) {
      out = first_characters(line, most);
      most -= characters_of(line);
    } else if ((most -= 1 + characters_of(line)) >= 0) {
      out += '\n' + line;
    }
    if (most <= 0) break;
  }
  return out;
}

/// For each number how many of all are less, with half of its equals, in percent.
std::vector<int64_t> percentiles_of(const std::vector<float>& values) {
  std::vector<float> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  std::vector<int64_t> out;
  for (const float value : values) {
    const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), value);
    const double below = static_cast<double>((first - sorted.begin()) + (last - sorted.begin())) / 2;
    out.push_back(static_cast<int64_t>(std::round(100 * below / static_cast<double>(sorted.size()) / percentile_step) * percentile_step));
  }
  return out;
}

}  // namespace

/// Signals made from sound, and the words for artists.
struct Evidence::Sounding {
  std::vector<Neighbourhoods> signals;
  ArtistWords words;
};

Evidence::Evidence(const Path& data, const EvidenceOptions& options, const Tracks& tracks) : options_(options), tracks_(tracks) {
  if (options.longest_lyrics <= 0) throw Error("lyrics of at most {} characters: 1 or more would work", options.longest_lyrics);
  read_lyrics(data);
  auto sounding = std::make_unique<Sounding>();
  if (options.tags) {
    if (options.tag_file.empty()) throw Error("tags of artists are asked for, and no file with them is named: a JSON object of artists with lists of words, or a table with the columns artist and tags would work");
    sounding->words = ArtistWords(options.tag_file);
    const std::string bytes = read_file(options.tag_file);
    spaces_ += fmt::format(", tags {:016x}", XXH3_64bits(bytes.data(), bytes.size()));
  }
  const auto names = signal_names(data);
  const bool described = std::find(names.begin(), names.end(), descriptors) != names.end();
  if (options.tempo && !described) throw Error("{}: no signal '{}' here, which knows the tempo: segue encode {} --music FOLDER --encoder {} makes it", data.string(), descriptors, data.string(), descriptors);
  if (options.tempo || (options.sound && described)) read_descriptors(data);
  if (options.sound) {
    for (const auto& name : names) {
      const SignalAbout about = load_about(data, name);
      if (about.made_from != "sound" || name == descriptors) continue;
      sounding->signals.emplace_back(load_signal(data, name));
      spaces_ += fmt::format(", {} nearest by {} {}", near_ones, name, about.space_id());
    }
    if (sounding->signals.empty() && !described) throw Error("{}: no signal here is made from sound: segue encode {} --music FOLDER --encoder {} makes one", data.string(), data.string(), descriptors);
  }
  sounding_ = std::move(sounding);
}

Evidence::~Evidence() = default;

void Evidence::read_lyrics(const Path& data) {
  const auto all = load_lyrics(data);
  if (options_.lyrics && all.empty()) throw Error("{}: no lyrics here yet: segue encode {} --music FOLDER finds those beside files and in their tags, --lyrics TABLE brings others", data.string(), data.string());
  for (const auto& [track, instrumental, text, source] : all) {
    if (instrumental) instrumental_.insert(track);
    else if (options_.lyrics) lyrics_[track] = first_lines(text, options_.longest_lyrics);
  }
  if (options_.lyrics) spaces_ += fmt::format(", lyrics {}", options_.longest_lyrics);
}

void Evidence::read_descriptors(const Path& data) {
  const Signal signal = load_signal(data, descriptors);
  if (signal.about.width != numbers || signal.about.made_from != "sound") {
    throw Error("{}: the signal '{}' holds {} numbers made from {}, not the {} of the encoder of that name with the pooling mean", data.string(), descriptors, signal.about.width, signal.about.made_from, numbers);
  }
  std::vector<int32_t> known;
  std::vector<float> loud, bright, noisy;
  for (size_t i = 0; i < signal.size(); ++i) {
    if (signal.known[i] != Known::vector) continue;
    const auto row = signal.row(i);
    for (const size_t place : {loudness, centroid, crossings, tempo}) {
      if (!std::isfinite(row[place])) throw Error("{}: the signal '{}' has a number of track {} that is none: segue encode --again makes it anew", data.string(), descriptors, signal.track[i]);
    }
    known.push_back(signal.track[i]);
    loud.push_back(row[loudness]), bright.push_back(row[centroid]), noisy.push_back(row[crossings]);
    measured_[signal.track[i]].tempo_bpm = std::lround(row[tempo]);
  }
  const auto louder = percentiles_of(loud), brighter = percentiles_of(bright), noisier = percentiles_of(noisy);
  for (size_t i = 0; i < known.size(); ++i) {
    Measured& one = measured_[known[i]];
    one.loudness = louder[i], one.brightness = brighter[i], one.noisiness = noisier[i];
  }
  const std::string id = signal.about.space_id();
  if (options_.tempo) spaces_ += ", tempo " + id;
  if (options_.sound) spaces_ += fmt::format(", percentiles in steps of {} {}", percentile_step, id);
}

std::string Evidence::name_of(int32_t track) const {
  const auto t = static_cast<size_t>(track);
  return fmt::format("{} – {}", first_characters(printable(tracks_.artist[t]), longest_name), first_characters(printable(tracks_.title[t]), longest_name));
}

/// By one signal. At most one of them is by its own artist, whose tracks are often nearest and say little that his name does not;
/// other versions of the same names say nothing.
std::vector<int32_t> Evidence::near(const Neighbourhoods& signal, int32_t track) const {
  const auto artist = [&](int32_t of) { return fold(tracks_.artist[static_cast<size_t>(of)]); };
  const auto names = [&](int32_t of) { return name_key(tracks_.artist[static_cast<size_t>(of)], tracks_.title[static_cast<size_t>(of)]); };
  const std::string own = artist(track), self = names(track);
  for (size_t asked = 4 * near_ones;; asked *= 8) {
    const auto all = signal.nearest(track, asked);
    std::set<std::string> taken{self};
    std::vector<int32_t> some;
    bool of_artist = false;
    for (const auto& [one, likeness] : all) {
      if (some.size() == near_ones || one >= tracks_.size()) continue;
      const bool by_own = artist(one) == own;
      if ((by_own && of_artist) || !taken.insert(names(one)).second) continue;
      of_artist = of_artist || by_own;
      some.push_back(one);
    }
    if (some.size() == near_ones || all.size() < asked) return some;
  }
}

/// By each signal in turn, none twice.
std::vector<int32_t> Evidence::sounds_like(int32_t track) const {
  {
    const std::lock_guard lock(guard_);
    if (const auto found = like_.find(track); found != like_.end()) return found->second;
  }
  std::vector<int32_t> like;
  for (const Neighbourhoods& signal : sounding_->signals) {
    if (!std::binary_search(signal.tracks().begin(), signal.tracks().end(), track)) continue;
    for (const int32_t one : near(signal, track)) {
      if (std::find(like.begin(), like.end(), one) == like.end()) like.push_back(one);
    }
  }
  const std::lock_guard lock(guard_);
  return like_[track] = like;
}

Json Evidence::of(int32_t track) const {
  if (track < 0 || track >= tracks_.size()) throw std::invalid_argument("Evidence::of: no such track");
  const auto t = static_cast<size_t>(track);
  Json told{{"artist", first_characters(printable(tracks_.artist[t]), longest_name)}, {"title", first_characters(printable(tracks_.title[t]), longest_name)}};
  if (options_.lyrics) {
    if (const auto found = lyrics_.find(track); found != lyrics_.end() && !found->second.empty()) told["lyrics"] = found->second;
    else if (instrumental(track)) told["instrumental"] = true;
  }
  if (options_.tags) {
    const std::string words = printable(sounding_->words.of(tracks_.artist[t]));
    if (!words.empty()) told["tags"] = first_characters(words, longest_tags);
  }
  if (const auto found = measured_.find(track); found != measured_.end()) {
    const Measured& one = found->second;
    if (options_.tempo && one.tempo_bpm > 0) told["tempo_bpm"] = one.tempo_bpm;
    if (options_.sound) told["loudness_percentile"] = one.loudness, told["brightness_percentile"] = one.brightness, told["noisiness_percentile"] = one.noisiness;
  }
  if (options_.sound) {
    Json like = Json::array();
    for (const int32_t one : sounds_like(track)) like.push_back(name_of(one));
    if (!like.empty()) told["sounds_like"] = like;
  }
  return told;
}

std::string Evidence::spelled() const { return "names" + spaces_; }

}  // namespace segue
