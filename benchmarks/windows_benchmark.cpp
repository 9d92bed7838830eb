// Evaluating all test cases with a trained model: windows read once, each for many questions, beside a window for each.
//   windows_benchmark DATA PROTOCOL RUN [THREADS] [TURNS]
// Timed are the states alone, and the whole: states and the places of all targets in the catalogue. The quality of both
// stands beside it, for what a question sees differs: length / 2 to length plays, or the last `length`.
#include <ATen/Parallel.h>

#include <cstdlib>

#include "core/error.h"
#include "core/parallel.h"
#include "evaluation/metrics.h"
#include "ranking/backbone_states.h"
#include "training/run.h"
#include "turns.h"

namespace segue {
namespace {

struct Setting {
  Setting(const Path& data, const std::string& protocol, const Path& folder)
      : prepared(load_prepared(data, protocol)),
        run(load_run(folder, {prepared.folder, prepared.data_track, prepared.artist, prepared.title}, at::kCPU)),
        table(prepared.log, run.configuration.plays.followed ? run.configuration.plays.followed_places : 0),
        catalogue(prepared.log.in_catalogue, prepared.train_plays()),
        packed(vector_model(*run.model, table, {}).packed()) {
    for (const Case& c : prepared.test) {
      const int32_t target = prepared.log.track[static_cast<size_t>(c.target)];
      if (!catalogue.has(target)) continue;
      asked.push_back(asked_of(prepared.log, c));
      targets.push_back(target);
    }
    if (asked.empty()) throw Error("{}: no test case with a target in the catalogue", data.string());
  }

  std::vector<float> states(bool case_by_case) {
    return states_of(*run.model, table, asked, {.length = run.configuration.windows.length, .case_by_case = case_by_case});
  }
  double ndcg_10(const std::vector<float>& states) {
    const Catalogue* catalogues[] = {&catalogue};
    const auto places = packed.place({states}, targets, catalogues).front();
    double sum = 0;
    for (const auto& place : places) sum += metric_of(place, ndcg, 10, Ties::mean_rank);
    return sum / static_cast<double>(targets.size());
  }

  Prepared prepared;
  Run run;
  PlayTable table;
  Catalogue catalogue;
  PackedVectors packed;
  std::vector<Asked> asked;
  std::vector<int32_t> targets;
};

void compare(Setting& it, int turns) {
  std::vector<float> once = it.states(false), each = it.states(true);
  std::vector<Row> rows{{"states, windows read once", [&] { once = it.states(false); }},
                        {"states, case by case", [&] { each = it.states(true); }},
                        {"places of the targets", [&] { it.ndcg_10(once); }}};
  time_rows(rows, turns);
  std::vector<Row> whole{{"", {}}, {"", {}}};
  for (size_t turn = 0; turn < rows[0].ms.size(); ++turn) {
    for (size_t way : {0, 1}) whole[way].ms.push_back(rows[way].ms[turn] + rows[2].ms[turn]);
  }
  std::printf("\n%zu cases, %lld tracks, windows of %lld plays: states %.1f times as fast, the whole %.1f times\n", it.asked.size(),
              static_cast<long long>(it.catalogue.size()), static_cast<long long>(it.run.configuration.windows.length), ratio(rows[1], rows[0]),
              ratio(whole[1], whole[0]));
  std::printf("ndcg@10: %.4f read once, %.4f case by case\n", it.ndcg_10(once), it.ndcg_10(each));
}

}  // namespace
}  // namespace segue

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("windows_benchmark DATA PROTOCOL RUN [THREADS] [TURNS]\n", stderr);
    return 2;
  }
  try {
    const int threads = argc > 4 ? std::atoi(argv[4]) : 2;
    segue::set_threads(threads);
    at::set_num_threads(threads);
    segue::Setting setting(argv[1], argv[2], argv[3]);
    segue::compare(setting, argc > 5 ? std::atoi(argv[5]) : 3);
  } catch (const segue::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
