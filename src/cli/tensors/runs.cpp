#include <ATen/Parallel.h>

#include "cli/hand_over.h"
#include "core/tensor.h"
#include "training/finish_answers.h"
#include "training/recollections.h"
#include "training/run.h"
#include "training/shipped_run.h"
#include "training/shared_states.h"
#include "training/zero_shot.h"

namespace segue {
namespace {

std::vector<int32_t> every_number(size_t n) {
  std::vector<int32_t> numbers(n);
  for (size_t j = 0; j < n; ++j) numbers[j] = static_cast<int32_t>(j);
  return numbers;
}

std::vector<std::unique_ptr<OpenRun>> opened(const std::vector<std::string>& runs, const Prepared& prepared, at::Device device) {
  at::set_num_threads(1);  // threads are outside of operations: core/tensor_threads.h
  std::vector<std::unique_ptr<OpenRun>> all;
  for (const auto& folder : runs) {
    Run run = load_run(folder, {prepared.folder, prepared.data_track, prepared.artist, prepared.title}, device);
    if (run.data_hash != prepared.data_hash) throw Error("{}: learned from other data than protocol '{}' has here; train it anew", folder, prepared.protocol.name);
    all.push_back(std::make_unique<OpenRun>(std::move(run), prepared.log));
  }
  return all;
}

/// Runs that several processes have opened.
struct Together {
  Together(const std::vector<std::string>& folders, const Prepared& prepared, at::Device device)
      : processes(device), runs(opened(folders, prepared, device)), states(processes, models()) {}
  std::vector<VectorModel*> models() const {
    std::vector<VectorModel*> all;
    for (const auto& run : runs) all.push_back(&run->model());
    return all;
  }
  Processes processes;
  std::vector<std::unique_ptr<OpenRun>> runs;
  SharedStates states;
};

}  // namespace

bool helped_first(const std::vector<std::string>& runs, const Prepared& prepared, const std::string& device) {
  const char* const number = std::getenv("RANK");
  if (number == nullptr || std::atoi(number) == 0) return false;
  if (runs.empty()) return true;
  const Together together(runs, prepared, device_of(device));
  if (together.processes.first()) return false;  // a rank without a WORLD_SIZE
  together.states.serve();
  return true;
}

void hand_over(int, char**) {}

std::vector<TrainedRanker> trained_rankers(const std::vector<std::string>& runs, const Prepared& prepared, const std::string& device, uint64_t seed) {
  std::vector<TrainedRanker> all;
  if (runs.empty()) return all;
  const auto together = std::make_shared<Together>(runs, prepared, device_of(device));
  for (const auto& one : together->runs) {
    OpenRun* const open = one.get();
    all.push_back({open->run().name, false, [together, open](const std::vector<Asked>& asked) { return open->by_itself(asked); }});
    if (open->run().model->finish() != nullptr) {
      all.back().finish = [together, open, &prepared, seed](std::span<const Case> cases) { return judge_finish(*open, {prepared.log, Part::val, seed}, cases); };
    }
    if (!open->run().mix) continue;
    all.push_back({open->run().name + "+counters", true,
                   [together, open, &prepared, seed](const std::vector<Asked>& asked) { return open->mixed({prepared.log, Part::val, seed}, asked); }});
  }
  return all;
}

std::vector<TrainedRanker> zero_shot_rankers(const ZeroShotRequest& request, const Prepared& prepared, const std::string& device, uint64_t seed) {
  at::set_num_threads(1);  // threads are outside of operations: core/tensor_threads.h
  std::vector<TrainedRanker> all;
  for (const auto& kind : request.kinds) {
    for (auto& one : zero_shot_kinds().at(kind)(prepared, {request.folder, request.layers, request.storage, request.history, seed, device_of(device)})) all.push_back(std::move(one));
  }
  return all;
}

MakeTrained trained_for(const std::string& folder, const std::string& path, const DataFolder& data, const std::string& device, const std::string& kept) {
  at::set_num_threads(1);  // threads are outside of operations: core/tensor_threads.h
  std::shared_ptr<Recollections> known;
  if (!kept.empty()) known = std::make_shared<Recollections>(kept, folder);
  return [folder, path, &data, device, known](const Lesson& lesson, const std::vector<Asked>& asked) -> std::unique_ptr<Ranker> {
    const auto numbers = every_number(data.tracks.artist.size());
    Run run = load_run(folder, {path, numbers, data.tracks.artist, data.tracks.title}, device_of(device));
    std::function<Recollection*(int32_t)> recollection;
    if (known != nullptr && !run.model->backbone().recollects()) throw Error("{}: its model keeps nothing of a listener, so --cache is of no use; a language model with pool: positions does", folder);
    if (known != nullptr) recollection = [known, &log = lesson.log](int32_t who) { return &known->of(log.listeners[static_cast<size_t>(who)]); };
    auto ready = std::make_unique<ShippedRun>(std::move(run), lesson, asked, std::move(recollection));
    if (known != nullptr) known->save();
    return ready;
  };
}

}  // namespace segue
