// Every row of importers() and rankers(), timed on a made-up world: rows read a second, plays learned from a second, and
// questions ranked a second. --benchmark_filter=follow times one.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "core/error.h"
#include "core/progress.h"
#include "listening/import.h"
#include "listening/importer.h"
#include "ranking/ranker.h"
#include "sessions/prepared.h"
#include "simulation/write_simulation.h"

namespace segue {
namespace {

/// A world in a temporary folder: its logs by format, and its plays prepared.
class World {
 public:
  World() {
    std::string pattern = (std::filesystem::temp_directory_path() / "segue-benchmark-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw Error("{}: can't be made", pattern);
    folder_ = pattern;
    const auto made = simulation::simulate({.audio_tracks = 0});
    StagedFolder staged(folder_ / "world", simulation::simulation_mark, false);
    write_simulation(made, staged);
    const auto report = import_logs({log_in("lastfm")}, folder_ / "data", {});
    if (!report.complete()) throw Error("{}", report.sources.front().problem);
    Protocol protocol = protocols().at("segue-own");
    protocol.sessions.since = "2002-01-01";
    protocol.sessions.until = "2100-01-01";
    prepared = prepare(folder_ / "data", protocol, false);
    write_recbole();
    for (const auto* name : {"lastfm", "lastfm-csv", "listenbrainz", "recbole", "spotify", "spotify-extended"}) {
      const Path log = log_in(name);
      logs[recognise(*Source::open(log), "").format] = log;
    }
  }
  ~World() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::map<std::string, Path> logs;  // by format
  Prepared prepared;

 private:
  /// The first log of a folder of the world.
  Path log_in(const std::string& name) const {
    std::vector<Path> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "world" / name)) found.push_back(entry.path());
    return *std::min_element(found.begin(), found.end());
  }

  void write_recbole() const {
    const Log& log = prepared.log;
    std::string text = "user_id:token\titem_id:token\ttimestamp:float\n";
    for (size_t u = 0; u < log.listeners.size(); ++u) {
      for (auto i = static_cast<size_t>(log.first[u]); i < static_cast<size_t>(log.first[u + 1]); ++i) {
        text += fmt::format("{}\t{}\t{}\n", log.listeners[u], log.track[i], log.start_ms[i] / 1000);
      }
    }
    std::filesystem::create_directories(folder_ / "world/recbole");
    write_file(folder_ / "world/recbole/world.inter", text);
  }

  Path folder_;
};

struct CountRows : PlaySink {
  int64_t rows = 0;
  void plays(std::span<const RawPlay> more) override { rows += std::ssize(more); }
  void refuse(std::string_view, int64_t, std::string_view) override { ++rows; }
};

void read_log(benchmark::State& state, const World& world, const std::string& format) {
  const auto log = world.logs.find(format);
  if (log == world.logs.end()) return state.SkipWithError("the made-up world has no such log");
  CountRows sink;
  for (auto _ : state) {
    const auto source = Source::open(log->second);
    importers().at(format)({})->read(*source, recognise(*source, format).files, sink);
  }
  state.counters["rows"] = benchmark::Counter(static_cast<double>(sink.rows), benchmark::Counter::kIsRate);
}

void fit(benchmark::State& state, const Log& log, const std::string& name) {
  for (auto _ : state) benchmark::DoNotOptimize(rankers().at(name)({log}));
  const auto plays = static_cast<double>(state.iterations() * log.plays());
  state.counters["plays"] = benchmark::Counter(plays, benchmark::Counter::kIsRate);
}

/// One pass over the plays of the listener who has most questions, asked as `evaluate` asks.
void rank(benchmark::State& state, const World& world, const std::string& name) {
  const Log& log = world.prepared.log;
  const auto& cases = world.prepared.test;
  std::map<int32_t, int64_t> questions;
  for (const auto& one : cases) ++questions[one.listener];
  const auto most = std::max_element(questions.begin(), questions.end(), [](auto& a, auto& b) { return a.second < b.second; });
  const auto ranker = rankers().at(name)({log});
  const Catalogue catalogue(log.in_catalogue, world.prepared.train_plays());
  Scores scores(log.tracks);
  for (auto _ : state) {
    const auto scorer = ranker->read(most->first);
    auto heard = static_cast<size_t>(log.first[static_cast<size_t>(most->first)]);
    for (const auto& one : cases) {
      if (one.listener != most->first) continue;
      for (; heard < static_cast<size_t>(one.history_end); ++heard) {
        scorer->hear({log.track[heard], log.start_ms[heard], log.moment_ms[heard], log.opens[heard] != 0});
      }
      scores.clear();
      scorer->score(asked_at(log, one), scores);
      benchmark::DoNotOptimize(catalogue.best(scores, 20));
    }
  }
  const auto ranked = static_cast<double>(state.iterations() * most->second);
  state.counters["questions"] = benchmark::Counter(ranked, benchmark::Counter::kIsRate);
}

void add_rows(const World& world) {
  for (const auto& name : importers().names()) {
    benchmark::RegisterBenchmark(("import/" + name).c_str(), [&world, name](benchmark::State& s) { read_log(s, world, name); })
        ->Unit(benchmark::kMillisecond)->UseRealTime();
  }
  for (const auto& name : rankers().names()) {
    benchmark::RegisterBenchmark(("fit/" + name).c_str(), [&world, name](benchmark::State& s) { fit(s, world.prepared.log, name); })
        ->Unit(benchmark::kMillisecond)->UseRealTime();
    benchmark::RegisterBenchmark(("rank/" + name).c_str(), [&world, name](benchmark::State& s) { rank(s, world, name); })
        ->Unit(benchmark::kMillisecond)->UseRealTime();
  }
}

}  // namespace
}  // namespace segue

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  segue::set_quiet(true);
  try {
    const segue::World world;
    segue::add_rows(world);
    benchmark::RunSpecifiedBenchmarks();
  } catch (const segue::Error& failed) {
    fmt::print(stderr, "segue_benchmarks: {}\n", failed.what());
    return 1;
  }
  return 0;
}
