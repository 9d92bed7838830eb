#include "experiments/jobs_worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/console.h"
#include "core/progress.h"
#include "evaluation/json.h"
#include "sessions/counts.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

int64_t now_ms() { return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

/// metrics.json of a run with what it reached in the part that was asked, and when that part was opened.
std::string metrics_of(const Path& run, const Evaluation& told) {
  const Path file = run / "metrics.json";
  Json metrics = std::filesystem::exists(file) ? Json::parse(read_file(file), nullptr, false) : Json::object();
  if (!metrics.is_object()) metrics = Json::object();
  Json rankers = Json::object();
  const auto document = evaluation_json(told);
  for (const auto& ranker : document["rankers"]) rankers[ranker["name"].get<std::string>()] = ranker["metrics"];
  metrics[told.protocol.part] = {{"opened", iso(now_ms())}, {"protocol", document["protocol"]}, {"rankers", rankers}};
  return metrics.dump(1) + "\n";
}

}  // namespace

JobsWorker::JobsWorker(const Grid& grid, const Prepared& prepared, const RunTools& tools, const CompareOptions& options, Claims& claims, const std::vector<Job>& jobs)
    : grid_(grid), prepared_(prepared), tools_(tools), options_(options), claims_(claims), jobs_(jobs), states_(jobs), there_(runs_done()) {}

void JobsWorker::work() {
  for (bool told = false;;) {
    bool left = false, did = false;
    for (const auto& job : jobs_) {
      if (states_.done(job)) continue;
      left = true;
      if (!ready(job)) continue;
      const auto claim = claims_.take(job.claim());
      if (claim == nullptr || states_.done(job)) continue;
      perform(job);
      did = true;
    }
    if (!left) return;
    if (did) continue;
    if (!told) note("the rest is being done by other processes; waiting for them");
    told = true;
    std::this_thread::sleep_for(std::min(options_.claims.beat, std::chrono::milliseconds(1000)));
  }
}

int64_t JobsWorker::runs_done() const {
  return std::count_if(jobs_.begin(), jobs_.end(), [&](const Job& job) { return job.variant != nullptr && states_.done(job); });
}

void JobsWorker::tell(const Job& job) const {
  const auto number = std::count_if(jobs_.begin(), jobs_.end(), [&](const Job& other) { return states_.done(other); }) + 1;
  const auto runs = std::ssize(grid_.variants) * std::ssize(grid_.seeds), done = runs_done();
  std::string left;
  if (done > there_) {
    const double each = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count() / static_cast<double>(done - there_);
    left = fmt::format(", about {} left", clock_time(each * static_cast<double>(runs - done)));
  }
  note(fmt::format("[{}/{}] {} {}{}", number, jobs_.size(), job.variant == nullptr ? "ranker" : "run", job.words(), left));
}

void JobsWorker::perform(const Job& job) {
  tell(job);
  try {
    JobStates::forget(job);
    if (job.from != Job::none && states_.failed(jobs_[job.from])) throw Error("begins from {}, which failed", jobs_[job.from].words());
    const CostMeter meter;
    if (job.variant != nullptr) tools_.learn(job.folder, job.config, job.seed);
    ask(job, meter);
  } catch (const std::exception& failed) {
    JobStates::fail(job, failed.what());
    note(fmt::format("{} failed: {}", job.words(), JobStates::reason(job)));
  }
}

void JobsWorker::ask(const Job& job, const CostMeter& meter) {
  const double learning = meter.seconds();
  EvaluateOptions options;
  options.part = grid_.part == "val" ? Part::val : Part::test;
  options.seed = job.seed;
  if (job.variant == nullptr) options.rankers = {job.name};
  else options.trained = tools_.open(job.folder, job.seed);
  for (auto& one : options.trained) one.name.replace(0, job.folder.filename().string().size(), job.name);
  Changes changes(job.folder);
  const auto result = evaluate(prepared_, options, changes.folder() / "ranks.parquet");
  write_file(changes.folder() / "evaluation.json", evaluation_json(result));
  if (job.variant != nullptr) {
    write_file(changes.folder() / "metrics.json", metrics_of(job.folder, result.catalogue));
    tools_.describe(job.folder, changes.folder());
  }
  write_cost(changes.folder(), {.learning_s = std::max(learning, seconds_of_steps(job.folder)), .asking_s = meter.seconds() - learning, .memory_bytes = meter.peak_bytes()});
  changes.commit();
}

}  // namespace segue
