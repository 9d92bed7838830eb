#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "core/parallel.h"
#include "listening/plays.h"
#include "sessions/prepared.h"

namespace segue {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// A table as long as a log is written in parts, so that memory holds one part of it twice and not all.
template <class Make>
void write_in_parts(const Path& path, size_t n, const Make& part) {
  constexpr size_t rows_of_part = 1 << 20;
  TableWriter writer(path);
  for (size_t from = 0; from < n || from == 0; from += rows_of_part) writer.write(part(from, std::min(n, from + rows_of_part)));
  writer.close();
}

template <class T>
std::vector<T> slice(const std::vector<T>& values, size_t from, size_t to) {
  return {values.begin() + static_cast<std::ptrdiff_t>(from), values.begin() + static_cast<std::ptrdiff_t>(to)};
}

template <class T>
std::vector<int8_t> codes(const std::vector<T>& values, size_t from, size_t to) {
  std::vector<int8_t> out;
  for (size_t i = from; i < to; ++i) out.push_back(static_cast<int8_t>(values[i]));
  return out;
}

void save_plays(const Prepared& p, const Path& path) {
  const Log& log = p.log;
  std::vector<int32_t> who(log.track.size());
  for (size_t u = 0; u < log.listeners.size(); ++u) {
    std::fill(who.begin() + log.first[u], who.begin() + log.first[u + 1], static_cast<int32_t>(u));
  }
  write_in_parts(path, who.size(), [&](size_t from, size_t to) {
    Flags opens(log.opens.begin() + static_cast<std::ptrdiff_t>(from), log.opens.begin() + static_cast<std::ptrdiff_t>(to));
    Column completion{"completion", slice(log.completion, from, to), {}};
    for (size_t i = from; i < to; ++i) completion.known.push_back(log.completion_kind[i] != CompletionKind::unknown);
    return Table{{"listener", slice(who, from, to)}, {"track", slice(log.track, from, to)}, {"start_ms", slice(log.start_ms, from, to)},
                 {"moment_ms", slice(log.moment_ms, from, to)}, {"session", slice(p.session, from, to)}, {"opens", opens},
                 {"part", codes(log.part, from, to)}, std::move(completion), {"completion_kind", codes(log.completion_kind, from, to)}};
  });
}

void save_tracks(const Prepared& p, const Path& path) {
  std::vector<int32_t> number(static_cast<size_t>(p.log.tracks));
  std::iota(number.begin(), number.end(), 0);
  const std::vector<int64_t> train_plays = p.train_plays();
  Flags in_catalogue;
  in_catalogue.assign(p.log.in_catalogue.begin(), p.log.in_catalogue.end());
  write_columns(path, {{"number", &number}, {"track", &p.data_track}, {"key", &p.key}, {"artist", &p.artist}, {"title", &p.title},
                       {"train_plays", &train_plays}, {"in_catalogue", &in_catalogue}});
}

/// Tracks of each case, those of val before those of test; no row where no case has any.
void save_lists(const Path& path, const std::vector<std::vector<int32_t>>& val,
                const std::vector<std::vector<int32_t>>& test, size_t val_cases) {
  std::vector<int32_t> number, track;
  for (const auto& [lists, before] : {std::pair{&val, size_t{0}}, {&test, val_cases}}) {
    for (size_t i = 0; i < lists->size(); ++i) {
      number.insert(number.end(), (*lists)[i].size(), static_cast<int32_t>(before + i));
      track.insert(track.end(), (*lists)[i].begin(), (*lists)[i].end());
    }
  }
  write_table(path, {{"case", number}, {"track", track}});
}

void save_cases(const Prepared& p, const Path& folder) {
  std::vector<int8_t> part;
  std::vector<int32_t> who;
  std::vector<int64_t> target, history_end, history_begin;
  for (const auto& [which, cases] : {std::pair{Part::val, &p.val}, {Part::test, &p.test}}) {
    for (const Case& c : *cases) {
      part.push_back(static_cast<int8_t>(which));
      who.push_back(c.listener);
      target.push_back(c.target);
      history_end.push_back(c.history_end);
      history_begin.push_back(c.history_begin);
    }
  }
  write_table(folder / "cases.parquet", {{"part", part}, {"listener", who}, {"target", target}, {"history_end", history_end},
                                         {"history_begin", history_begin}});
  save_lists(folder / "candidates.parquet", p.val_candidates, p.test_candidates, p.val.size());
  save_lists(folder / "relevant.parquet", p.val_relevant, p.test_relevant, p.val.size());
}

struct FromJson {
  const Json& from;
  template <class T>
  void operator()(const char* key, T& value) const {
    from.at(key).get_to(value);
  }
};

void load_plays(Prepared& p, const Path& path) {
  Log& log = p.log;
  Table table = read_table(path);
  const auto& who = values<int32_t>(table, "listener");
  log.first.assign(log.listeners.size() + 1, 0);
  for (const int32_t u : who) ++log.first.at(static_cast<size_t>(u) + 1);
  std::partial_sum(log.first.begin(), log.first.end(), log.first.begin());
  log.track = std::move(values<int32_t>(table, "track"));
  log.start_ms = std::move(values<int64_t>(table, "start_ms"));
  log.moment_ms = std::move(values<int64_t>(table, "moment_ms"));
  p.session = std::move(values<int32_t>(table, "session"));
  log.opens = std::move(values<uint8_t>(table, "opens"));
  log.completion = std::move(values<float>(table, "completion"));
  for (const int8_t part : values<int8_t>(table, "part")) log.part.push_back(static_cast<Part>(part));
  for (const int8_t kind : values<int8_t>(table, "completion_kind")) log.completion_kind.push_back(static_cast<CompletionKind>(kind));
}

void load_tracks(Prepared& p, const Path& path) {
  Table table = read_table(path);
  p.key = std::move(texts(table, "key"));
  p.artist = std::move(texts(table, "artist"));
  p.title = std::move(texts(table, "title"));
  p.data_track = std::move(values<int32_t>(table, "track"));
  p.log.in_catalogue = std::move(values<uint8_t>(table, "in_catalogue"));
  p.log.tracks = static_cast<int64_t>(p.key.size());
}

/// The lists of val and of test, both empty where the file has no row.
void load_lists(const Path& path, const Prepared& p, std::vector<std::vector<int32_t>>& val, std::vector<std::vector<int32_t>>& test) {
  Table table = read_table(path);
  const auto& number = values<int32_t>(table, "case");
  const auto& track = values<int32_t>(table, "track");
  if (number.empty()) return;
  std::vector<std::vector<int32_t>> lists(p.val.size() + p.test.size());
  for (size_t i = 0; i < number.size(); ++i) lists.at(static_cast<size_t>(number[i])).push_back(track[i]);
  const auto middle = std::make_move_iterator(lists.begin() + std::ssize(p.val));
  val.assign(std::make_move_iterator(lists.begin()), middle);
  test.assign(middle, std::make_move_iterator(lists.end()));
}

void load_cases(Prepared& p, const Path& folder) {
  Table table = read_table(folder / "cases.parquet");
  const auto& part = values<int8_t>(table, "part");
  const auto& who = values<int32_t>(table, "listener");
  const auto& target = values<int64_t>(table, "target");
  const auto& history_end = values<int64_t>(table, "history_end");
  // Files of before there were published protocols have neither a beginning of histories nor relevant.parquet.
  const bool limited = std::any_of(table.begin(), table.end(), [](const Column& c) { return c.name == "history_begin"; });
  const std::vector<int64_t> history_begin = limited ? values<int64_t>(table, "history_begin") : std::vector<int64_t>(part.size());
  for (size_t i = 0; i < part.size(); ++i) {
    const bool test = static_cast<Part>(part[i]) == Part::test;
    (test ? p.test : p.val).push_back({who[i], target[i], history_end[i], history_begin[i]});
  }
  load_lists(folder / "candidates.parquet", p, p.val_candidates, p.test_candidates);
  if (fs::exists(folder / "relevant.parquet")) load_lists(folder / "relevant.parquet", p, p.val_relevant, p.test_relevant);
}

}  // namespace

void save(const Prepared& p, const Path& data) {
  const Path folder = data / "protocols" / p.protocol.name;
  Changes changes(folder);
  parallel_for(2, [&](int64_t job) {
    if (job == 0) save_plays(p, changes.folder() / "plays.parquet");
    else save_tracks(p, changes.folder() / "tracks.parquet");
  });
  Texts names;
  for (const auto& name : p.log.listeners) names.push_back(name);
  write_table(changes.folder() / "listeners.parquet", {{"name", names}});
  save_cases(p, changes.folder());
  write_file(changes.folder() / "protocol.json", summary(p).dump(1) + "\n");
  changes.commit();
}

Prepared load_prepared(const Path& data, const std::string& name) {
  const Path folder = data / "protocols" / name;
  const Reading reading_data(data), reading_folder(folder);
  if (!fs::exists(folder / "protocol.json")) {
    throw Error("{}: not prepared under '{}'; first: segue prepare {} --protocol {}", data.string(), name, data.string(), name);
  }
  Prepared p;
  p.folder = data;
  try {
    const Json stored = Json::parse(read_file(folder / "protocol.json"));
    p.protocol = protocols().at(name);
    p.protocol.sessions.fields(FromJson{stored.at("all_settings").at("sessions")});
    p.protocol.split.fields(FromJson{stored.at("all_settings").at("split")});
    p.data_hash = stored.at("data_hash");
    p.plays_hash = stored.at("plays_hash");
    p.steps = stored.at("steps");
  } catch (const Json::exception& bad) {
    throw Error("{}: not as Segue wrote it ({}); prepare again", (folder / "protocol.json").string(), bad.what());
  }
  if (p.plays_hash != plays_hash(data)) {
    throw Error("{}: its plays are not those that were prepared; again: segue prepare {} --protocol {}", data.string(),
                data.string(), name);
  }
  Table names = read_table(folder / "listeners.parquet");
  for (size_t i = 0; i < rows(names); ++i) p.log.listeners.emplace_back(texts(names, "name")[i]);
  load_plays(p, folder / "plays.parquet");
  load_tracks(p, folder / "tracks.parquet");
  load_cases(p, folder);
  return p;
}

}  // namespace segue
