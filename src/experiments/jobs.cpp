#include "experiments/jobs.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "core/console.h"
#include "sessions/counts.h"

namespace segue {
namespace {

Path record(const Job& job) { return job.folder / "failed.json"; }

std::string text_of(const Path& path) {
  std::error_code missing;
  return std::filesystem::exists(path, missing) ? read_file(path) : std::string();
}

}  // namespace

std::vector<Job> jobs_of(const Grid& grid, const std::vector<std::string>& rankers, const Path& folder) {
  std::vector<Job> jobs;
  const auto place = [&](const char* kind, const std::string& name, uint64_t seed) { return folder / kind / name / ("seed-" + std::to_string(seed)); };
  for (const uint64_t seed : grid.seeds) {
    for (const auto& ranker : rankers) jobs.push_back({ranker, seed, nullptr, place("counters", ranker, seed)});
  }
  for (const uint64_t seed : grid.seeds) {
    const size_t first = jobs.size();
    for (const auto& variant : grid.variants) {
      Job job{variant.name, seed, &variant, place("runs", variant.name, seed), YAML::Clone(variant.config)};
      if (const auto from = begins_from(variant.config); !from.empty()) {
        job.config["items"]["from"] = place("runs", from, seed).string();
        for (job.from = first; jobs[job.from].name != from;) ++job.from;
      }
      jobs.push_back(std::move(job));
    }
  }
  return jobs;
}

JobStates::JobStates(const std::vector<Job>& jobs) {
  for (const auto& job : jobs) earlier_[job.claim()] = text_of(record(job));
}

bool JobStates::finished(const Job& job) {
  // What a commit left unmoved is moved by who writes there next.
  return std::filesystem::exists(job.folder / "evaluation.json") && !std::filesystem::exists(job.folder / ".committed");
}

bool JobStates::failed(const Job& job) const {
  const std::string now = text_of(record(job));
  return !now.empty() && now != earlier_.at(job.claim());
}

std::string JobStates::reason(const Job& job) {
  const auto json = nlohmann::json::parse(text_of(record(job)), nullptr, false);
  return json.is_object() ? json.value("reason", "") : "";
}

void JobStates::fail(const Job& job, const std::string& reason) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::filesystem::create_directories(job.folder);
  const nlohmann::ordered_json json{{"name", job.name}, {"seed", job.seed}, {"reason", printable(reason.substr(0, reason.find('\n')))},
                                    {"at", iso(std::chrono::duration_cast<std::chrono::milliseconds>(now).count())},
                                    {"tick", now.count()}};  // so that no two failures are the same text
  write_file(record(job), json.dump(1) + "\n");
}

void JobStates::forget(const Job& job) { std::filesystem::remove(record(job)); }

}  // namespace segue
