#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "core/error.h"
#include "core/table.h"
#include "experiments/release_names.h"
#include "experiments/release_parts.h"
#include "listening/import.h"
#include "listening/tracks.h"

namespace segue {
namespace {

namespace fs = std::filesystem;

void copy_table(const Path& from, const Path& to) {
  std::error_code failed;
  fs::copy_file(from, to, failed);
  if (failed) throw Error("{}: can't be copied to {}: {}", from.string(), to.string(), failed.message());
}

/// What each listener is called in the release: numbers in the order of the bytes of the names, as protocols number them.
std::map<std::string, std::string> listener_names(const Texts& names, bool keep) {
  std::map<std::string, std::string> called;
  for (size_t i = 0; i < names.size(); ++i) called[std::string(names[i])];
  const size_t digits = std::max(std::to_string(called.size()).size(), size_t{3});
  int64_t number = 0;
  for (auto& [name, as] : called) as = keep ? name : fmt::format("listener-{:0{}}", ++number, digits);
  return called;
}

std::map<std::string, std::string> release_listeners(const Path& data, const Path& stage, Release& release) {
  Table table = read_table(data / "listeners.parquet");
  const auto called = listener_names(texts(table, "name"), release.options.keep_listeners);
  Texts names;
  for (size_t i = 0; i < rows(table); ++i) names.push_back(called.at(std::string(texts(table, "name")[i])));
  texts(table, "name") = std::move(names);
  write_table(stage / "listeners.parquet", table);
  release.listeners = std::ssize(called);
  return called;
}

/// Counts stay; what quotes the logs or says where they lay goes.
void release_sources(const Path& data, const Path& stage, const std::map<std::string, std::string>& called, Release& release) {
  auto sources = load_sources(data);
  for (auto& source : sources) {
    source.path = fmt::format("log-{}", source.number);
    for (size_t i = 0; i < source.files.size(); ++i) source.files[i] = fmt::format("file-{}", i + 1);
    for (auto& name : source.listeners) name = called.at(name);
    for (auto* fates : {&source.refused, &source.flagged}) {
      for (auto& [why, fate] : *fates) fate = {.count = fate.count, .row = 0, .example = {}};
    }
    if (!source.problem.empty()) source.problem = "it could not be read to its end";
  }
  save_sources(stage, sources);
  release.sources = std::ssize(sources);
}

/// Tracks that no log has and that are called as the path of a music file is.
std::set<int32_t> named_by_path(const Path& data) {
  std::set<int32_t> tracks;
  if (!fs::exists(data / "files.parquet")) return tracks;
  Table files = read_table(data / "files.parquet", {"track", "how"});
  for (size_t i = 0; i < rows(files); ++i) {
    if (texts(files, "how")[i] == "new-path") tracks.insert(values<int32_t>(files, "track")[i]);
  }
  Table spellings = read_table(data / "spellings.parquet", {"track"});
  for (const int32_t track : values<int32_t>(spellings, "track")) tracks.erase(track);
  return tracks;
}

void release_tracks(const Path& data, const Path& stage, Release& release) {
  const auto nameless = named_by_path(data);
  release.unnamed = std::ssize(nameless);
  if (nameless.empty()) return copy_table(data / "tracks.parquet", stage / "tracks.parquet");
  const Tracks all = Tracks::load(data / "tracks.parquet");
  Tracks released;
  for (int32_t track = 0; track < all.size(); ++track) {
    const auto t = static_cast<size_t>(track);
    const bool named = !nameless.contains(track);
    released.add(named ? all.artist[t] : std::string_view(), named ? all.title[t] : std::string_view(), all.id[t]);
  }
  released.length_ms = all.length_ms;
  released.save(stage / "tracks.parquet");
}

void release_names(const Path& data, const Path& stage, Release& release) {
  copy_table(data / "spellings.parquet", stage / "spellings.parquet");
  for (const char* file : {"lengths.parquet", "corrections.tsv"}) {
    if (fs::exists(data / file)) copy_table(data / file, stage / file);
  }
  release_tracks(data, stage, release);
}

void count(const Path& stage, Release& release) {
  release.tracks = TableReader(stage / "tracks.parquet").rows();
  release.spellings = TableReader(stage / "spellings.parquet").rows();
  TableReader plays(stage / "plays.parquet", {"start_ms"});
  release.plays = plays.rows();
  if (release.plays == 0) throw Error("no play is in this data folder; first: segue import LOG --into DATA");
  release.first_ms = std::numeric_limits<int64_t>::max();
  release.last_ms = std::numeric_limits<int64_t>::min();
  while (auto part = plays.next()) {
    for (const int64_t start : values<int64_t>(*part, "start_ms")) {
      release.first_ms = std::min(release.first_ms, start);
      release.last_ms = std::max(release.last_ms, start);
    }
  }
}

}  // namespace

void release_log(const Path& data, const Path& stage, Release& release) {
  copy_table(data / "plays.parquet", stage / "plays.parquet");
  if (release.options.without_names) release_without_names(data, stage);
  else release_names(data, stage, release);
  release_sources(data, stage, release_listeners(data, stage, release), release);
  count(stage, release);
}

}  // namespace segue
