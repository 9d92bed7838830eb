#include <ATen/Parallel.h>

#include "cli/hand_over.h"
#include "core/tensor.h"
#include "ranking/backbone_states.h"
#include "ranking/fused.h"
#include "training/run.h"

namespace segue {
namespace {

/// A run with all that its model reads while it is asked.
struct Open {
  Open(Run given, const Log& log)
      : run(std::move(given)),
        table(log, run.configuration.plays.followed ? run.configuration.plays.followed_places : 0),
        model(vector_model(*run.model, table, {.length = run.configuration.windows.length})) {
    model.name = run.name;
  }
  Run run;
  PlayTable table;
  VectorModel model;
};

std::vector<int32_t> every_number(size_t n) {
  std::vector<int32_t> numbers(n);
  for (size_t j = 0; j < n; ++j) numbers[j] = static_cast<int32_t>(j);
  return numbers;
}

}  // namespace

void hand_over(int, char**) {}

std::vector<TrainedRanker> trained_rankers(const std::vector<std::string>& runs, const Prepared& prepared, const std::string& device, uint64_t seed) {
  at::set_num_threads(1);  // threads are outside of operations: core/tensor_threads.h
  std::vector<TrainedRanker> all;
  for (const auto& folder : runs) {
    Run run = load_run(folder, prepared.data_track, prepared.artist, prepared.title, device_of(device));
    if (run.data_hash != prepared.data_hash) throw Error("{}: learned from other data than protocol '{}' has here; train it anew", folder, prepared.protocol.name);
    const auto open = std::make_shared<Open>(std::move(run), prepared.log);
    all.push_back({open->model.name, false, [open](const std::vector<Asked>& asked) -> std::unique_ptr<Ranker> { return std::make_unique<VectorRanker>(open->model, asked); }});
    all.push_back({open->model.name + "+counters", true, [open, &prepared, seed](const std::vector<Asked>& asked) -> std::unique_ptr<Ranker> {
                     return std::make_unique<Fused>(Lesson{prepared.log, Part::val, seed}, open->model, asked, Fused::Options{});
                   }});
  }
  return all;
}

MakeTrained trained_for(const std::string& folder, const DataFolder& data, const std::string& device) {
  at::set_num_threads(1);  // threads are outside of operations: core/tensor_threads.h
  return [folder, &data, device](const Lesson& lesson, const Asked& asked) -> std::unique_ptr<Ranker> {
    struct Ready : Ranker {
      Ready(Run run, const Lesson& lesson, const Asked& asked) : open(std::move(run), lesson.log), fused(lesson, open.model, std::span(&asked, 1), Fused::Options{}) {}
      std::unique_ptr<Scorer> read(int32_t who) const override { return fused.read(who); }
      Open open;
      Fused fused;
    };
    return std::make_unique<Ready>(load_run(folder, every_number(data.tracks.artist.size()), data.tracks.artist, data.tracks.title, device_of(device)), lesson, asked);
  };
}

}  // namespace segue
