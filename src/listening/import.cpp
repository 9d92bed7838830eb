#include "listening/import.h"

#include <algorithm>
#include <charconv>
#include <future>

#include "core/console.h"
#include "core/error.h"
#include "core/parallel.h"
#include "core/table.h"
#include "core/time_zone.h"
#include "listening/collector.h"
#include "listening/data_folder.h"
#include "listening/delimited.h"
#include "listening/importer.h"
#include "listening/merge.h"

namespace segue {
namespace {

namespace fs = std::filesystem;

std::string stem(const Path& path) {
  std::string name = path.filename().string();
  if (name.empty()) name = path.parent_path().filename().string();  // "folder/"
  for (const char* end : {".gz", ".tar", ".tgz", ".zip", ".tsv", ".csv", ".json", ".jsonl", ".inter", ".txt"}) {
    if (name.ends_with(end) && name.size() > std::string_view(end).size()) name.resize(name.size() - std::string_view(end).size());
  }
  return name;
}

/// Two exports of two people given as one listener: refused before anything of the second is taken.
void require_one_person(const DataFolder& folder, const Plays& fresh) {
  for (size_t w = 0; w < fresh.listeners.size(); ++w) {
    const int32_t known = folder.plays.find(fresh.listeners[w]);
    if (known < 0) continue;
    const Overlap found = overlap(folder.plays.rows[static_cast<size_t>(known)], fresh.rows[w], folder.spellings.track);
    if (found.inside >= 50 && found.impossible * 10 > found.inside) {
      throw Error("{} of its {} plays run while listener '{}' already hears another track: two people's exports? Import each with "
                  "its own --listener, or add --same-person if it was one person on two devices",
                  found.impossible, found.inside, printable(fresh.listeners[w]));
    }
  }
}

/// One listener's rows of a kind, counted with those of the others.
void flag(SourceReport& report, const char* why, const MergeCounts::Flagged& rows, const Spellings& spellings) {
  if (rows.count == 0) return;
  Fate& fate = report.flagged[why];
  if (fate.count == 0 || rows.row < fate.row) {
    fate.row = rows.row;
    fate.example = printable(spellings.title[static_cast<size_t>(rows.spelling)].substr(0, 200));
  }
  fate.count += rows.count;
}

void merge(DataFolder& folder, Plays& fresh, const std::vector<int32_t>& identity, SourceReport& report) {
  std::vector<int32_t> number;  // in the folder, of each listener of the source
  for (const auto& name : fresh.listeners) number.push_back(folder.plays.listener(name));
  std::vector<MergeCounts> counts(number.size());
  parallel_for(static_cast<int64_t>(number.size()), [&](int64_t w) {
    const auto i = static_cast<size_t>(w);
    counts[i] = merge_plays(folder.plays.rows[static_cast<size_t>(number[i])], std::move(fresh.rows[i]), folder.spellings.track, identity);
  });
  for (const auto& c : counts) {
    report.added += c.added;
    report.already_known += c.already_known;
    report.refined += c.refined;
    flag(report, "duplicate", c.duplicate, folder.spellings);
    flag(report, "invalid-utf8", c.mended, folder.spellings);
    flag(report, "odd-date", c.odd_date, folder.spellings);
  }
  report.listener_count = static_cast<int64_t>(fresh.listeners.size());
  report.listeners.assign(fresh.listeners.begin(), fresh.listeners.begin() + std::min<std::ptrdiff_t>(10, std::ssize(fresh.listeners)));
}

/// Which of the sources a problem is of.
std::string with_path(const Path& path, const Error& problem) {
  const std::string_view what = problem.what();
  return what.starts_with(path.string()) ? std::string(what) : fmt::format("{}: {}", path.string(), what);
}

}  // namespace

SourceReport read_source(const Path& path, const ImportOptions& options, const std::vector<Correction>& corrections, DataFolder& folder) {
  SourceReport report;
  report.number = static_cast<int>(folder.sources.size());
  report.path = path.string();
  const int32_t spellings = folder.spellings.size();
  const Tracks tracks_before = folder.tracks;  // a source that is refused afterwards may have changed them
  const auto track_of = folder.spellings.track;
  try {
    if (report.number > UINT16_MAX) throw Error("this data folder has {} sources already; start another one", report.number);
    const auto source = Source::open(path);
    const auto known = recognise(*source, options.format);
    report.format = known.format;
    report.files = known.files;
    const auto importer = importers().at(known.format)({.time_zone = options.time_zone});
    report.newest_first = importer->order() == LogOrder::newest_first;
    std::string fallback = importer->listener(*source);
    fallback = valid_utf8(fallback.empty() ? stem(path) : fallback);
    const std::string listener = valid_utf8(options.listener);
    Collector collector(folder, report, listener, fallback);
    try {
      importer->read(*source, known.files, collector);
    } catch (const Error& broken) {
      report.problem = with_path(path, broken);
      if (report.rows > 0) report.problem += fmt::format("; the {} rows before it were read", report.rows);
    }
    // The raw keys depend on the names alone, so they are made beside the tracks.
    auto identity = std::async(threads() > 1 ? std::launch::async : std::launch::deferred, [&] { return raw_identity(folder.spellings); });
    resolve_tracks(folder.spellings, folder.tracks, corrections);
    if (!options.same_person) require_one_person(folder, collector.fresh());
    merge(folder, collector.fresh(), identity.get(), report);
  } catch (const Error& refused) {  // nothing of the source stays
    SourceReport nothing;
    nothing.number = report.number;
    nothing.path = report.path;
    nothing.format = report.format;
    nothing.files = report.files;
    nothing.problem = with_path(path, refused);
    report = std::move(nothing);
    folder.spellings.truncate(spellings);
    folder.spellings.track = track_of;
    folder.tracks = tracks_before;
  }
  return report;
}

namespace {

/// A folder of nothing but archives, as people keep their exports, is as if each had been given.
std::vector<Path> sources_of(const std::vector<Path>& paths) {
  std::vector<Path> sources;
  for (const auto& path : paths) {
    std::vector<Path> archives;
    bool others = !fs::is_directory(path);
    for (const auto& entry : others ? fs::directory_iterator() : fs::directory_iterator(path)) {
      const std::string name = entry.path().filename().string();
      const bool archive = name.ends_with(".zip") || name.ends_with(".tar.gz") || name.ends_with(".tgz");
      if (archive && entry.is_regular_file()) archives.push_back(entry.path());
      else others |= !name.starts_with('.');
    }
    if (others || archives.empty()) archives = {path};
    std::sort(archives.begin(), archives.end());
    sources.insert(sources.end(), archives.begin(), archives.end());
  }
  return sources;
}

int64_t milliseconds_of(const Path& table, const std::vector<std::string>& fields) {
  const std::string& text = fields[3];
  int64_t ms = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (failed != std::errc() || end != text.data() + text.size()) {
    throw Error("{}: duration_ms of '{}' by '{}' is '{}'; whole milliseconds are wanted, 0 where unknown", table.string(),
                printable(fields[2]), printable(fields[1]), printable(text));
  }
  return ms;
}

void keep_lengths(const Path& table, const Path& folder) {
  Texts key, artist, title;
  std::vector<int64_t> length;
  read_delimited(table, {"?track_key", "artist", "title", "duration_ms"}, [&](const std::vector<std::string>& f) {
    key.push_back(f[0]);
    artist.push_back(f[1]);
    title.push_back(f[2]);
    length.push_back(milliseconds_of(table, f));
  });
  write_table(folder / "lengths.parquet", {{"track_key", key}, {"artist", artist}, {"title", title}, {"length_ms", length}});
}

}  // namespace

DataFolder load_data_folder(const Path& data) {
  DataFolder folder;
  if (fs::exists(data / "tracks.parquet") && !fs::exists(data / "plays.parquet")) {
    folder.tracks = Tracks::load(data / "tracks.parquet");  // of a library of music: no log yet
  }
  if (!fs::exists(data / "plays.parquet")) return folder;
  folder.spellings = Spellings::load(data / "spellings.parquet");
  folder.tracks = Tracks::load(data / "tracks.parquet");
  folder.plays = Plays::load(data);
  folder.sources = load_sources(data);
  return folder;
}

bool ImportReport::complete() const {
  return std::all_of(sources.begin(), sources.end(), [](const SourceReport& s) { return s.problem.empty(); });
}

ImportReport import_logs(const std::vector<Path>& paths, const Path& data, const ImportOptions& options) {
  TimeZone(options.time_zone);  // refuses a zone that does not exist before anything is read
  Changes changes(data);
  DataFolder folder = load_data_folder(data);
  std::vector<Correction> corrections;
  const Path known_corrections = data / "corrections.tsv";
  if (!options.corrections.empty()) corrections = read_corrections(options.corrections);
  else if (fs::exists(known_corrections)) corrections = read_corrections(known_corrections);

  ImportReport report;
  report.data = data.string();
  for (const auto& path : sources_of(paths)) {
    report.sources.push_back(read_source(path, options, corrections, folder));
    if (report.sources.back().rows > 0) folder.sources.push_back(report.sources.back());
  }
  if (!options.corrections.empty()) {
    resolve_tracks(folder.spellings, folder.tracks, corrections);
    fs::copy_file(options.corrections, changes.folder() / "corrections.tsv");
  }
  if (!options.lengths.empty()) keep_lengths(options.lengths, changes.folder());
  report.plays = folder.plays.count();
  report.listeners = static_cast<int64_t>(folder.plays.listeners.size());
  report.tracks = folder.tracks.size();
  report.spellings = folder.spellings.size();
  if (report.plays == 0) return report;  // nothing to keep: the folder stays as it was

  parallel_for(2, [&](int64_t job) {  // the plays are most of the work
    if (job == 0) return folder.plays.save(changes.folder(), folder.spellings.track, options.time_zone);
    folder.spellings.save(changes.folder() / "spellings.parquet");
    folder.tracks.save(changes.folder() / "tracks.parquet");
  });
  save_sources(changes.folder(), folder.sources);
  changes.commit();
  return report;
}

}  // namespace segue
