#include "experiments/compare.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/console.h"
#include "evaluation/dot_figure.h"
#include "experiments/comparison_csv.h"
#include "experiments/comparison_page.h"
#include "experiments/comparison_text.h"
#include "experiments/jobs_worker.h"
#include "experiments/records.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

/// `counters` stands in every table: it is what a mix is compared with.
std::vector<std::string> rankers_of(const Grid& grid) {
  if (grid.rankers.empty()) return rankers().names();
  auto names = grid.rankers;
  for (const auto& name : names) rankers().at(name);
  if (std::find(names.begin(), names.end(), "counters") == names.end()) names.push_back("counters");
  return names;
}

void check_variants(const Grid& grid, const RunTools& tools) {
  for (const auto& variant : grid.variants) {
    const auto taken = rankers().names();
    if (std::find(taken.begin(), taken.end(), variant.name) != taken.end()) {
      throw Error("{}: the variant '{}' is called as a ranker that stands in the same table; give it another name under 'variants'", grid.file, variant.name);
    }
    try {
      YAML::Node config = YAML::Clone(variant.config);
      if (!begins_from(config).empty()) config["items"]["from"] = "";
      tools.resolved(config);
    } catch (const std::exception& wrong) {
      throw Error("{}: {} ({}): {}", grid.file, variant.name, fmt::join(variant.settings, ", "), wrong.what());
    }
  }
}

std::string about_text(const Grid& grid, const Prepared& prepared) {
  return Json{{"protocol", prepared.protocol.name}, {"data_hash", prepared.data_hash}, {"part", grid.part}}.dump(1) + "\n";
}

/// A folder holds results of one log, one protocol and one part of it: of those that its first grid named.
void refuse_other_data(const Grid& grid, const Prepared& prepared, const Path& folder) {
  const Path file = folder / "about.json";
  if (!std::filesystem::exists(file) || read_file(file) == about_text(grid, prepared)) return;
  throw Error("{}: holds runs of other data, another protocol or another part than {} names; name another folder with --into", folder.string(), grid.file);
}

/// Where the run that was begun from is now, if `from` is that run.
std::string moved(const std::string& from, const Path& now) {
  const auto tail = [](const Path& path) { return path.parent_path().filename() / path.filename(); };  // NAME/seed-S
  return tail(from) == tail(now) ? now.string() : from;
}

/// A run that is there must be the one that the grid describes. Defaults that came later do not make it another, nor does another
/// place of the folder.
void refuse_other_runs(const std::vector<Job>& jobs, const RunTools& tools) {
  for (const auto& job : jobs) {
    const Path file = job.folder / "config.yaml";
    if (job.variant == nullptr || !std::filesystem::exists(file)) continue;
    bool same = false;
    try {
      YAML::Node there = YAML::LoadFile(file.string());
      same = there["run"]["seed"].as<uint64_t>(0) == job.seed;
      there.remove("run");
      if (job.from != Job::none) there["items"]["from"] = moved(there["items"]["from"].as<std::string>(), jobs[job.from].folder);
      same = same && YAML::Dump(tools.resolved(there)) == YAML::Dump(tools.resolved(job.config));
    } catch (const std::exception&) {  // then it is not the same
    }
    if (!same) throw Error("{}: holds a run of other settings or another seed; name the variant otherwise, or another folder with --into", job.folder.string());
  }
}

ClaimOptions claim_options(const CompareOptions& options) {
  ClaimOptions claims = options.claims;
  if (claims.lost) return claims;
  claims.lost = [](const std::string& name) {
    fmt::print(stderr, "segue: {}: this process stood still so long that another one took it over; stopping\n", name);
    std::_Exit(1);  // whatever is half written here is aside, and the other one is at the files
  };
  return claims;
}

/// What only one process at a time may do, as soon as nobody else does it.
std::unique_ptr<Claim> wait_for(Claims& claims, const std::string& name) {
  for (;;) {
    if (auto claim = claims.take(name)) return claim;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

/// What the stored results say together.
CompareResult together(const Grid& grid, const std::vector<Job>& jobs, const JobStates& states, const Questions& questions, const CompareOptions& options) {
  std::vector<StoredResult> results;
  std::vector<FailedRun> failed;
  std::map<std::string, std::vector<Path>> folders;
  for (const auto& job : jobs) {
    if (JobStates::finished(job)) folders[job.name].push_back(job.folder);
    if (JobStates::finished(job)) results.push_back({job.folder, job.name, job.variant != nullptr, job.seed});
    else if (states.failed(job)) failed.push_back({job.name, job.seed, JobStates::reason(job)});
  }
  if (results.empty()) throw Error("{}: nothing has a result; first: {}: {}", options.folder.string(), failed.front().name, failed.front().reason);
  ComparisonOptions how{.seed = options.seed, .resamples = options.resamples, .factors = grid.factors};
  for (const auto& variant : grid.variants) {
    if (!variant.values.empty()) how.values[variant.name] = variant.values;
  }
  CompareResult out{compare_results(results, grid.seeds, questions, how), {}};
  if (questions.candidates.empty() && questions.relevant.empty()) {
    how.everything = true;
    out.everything = compare_results(results, grid.seeds, questions, how);
  }
  for (Comparison* one : {&out.catalogue, out.everything ? &*out.everything : nullptr}) {
    if (one == nullptr) continue;
    one->failed = failed;
    one->asked = std::ssize(jobs);
    for (const auto& [name, of] : folders) {
      if (const auto cost = mean_cost(of)) one->cost[name] = *cost;
      if (auto curve = mean_curve(of); !curve.empty()) one->curves[name] = std::move(curve);
    }
    for (const auto& variant : grid.variants) {
      one->settings[variant.name] = variant.settings.empty() ? "the base of the grid" : fmt::format("{}", fmt::join(variant.settings, ", "));
    }
  }
  return out;
}

std::vector<Audit> recorded_beside(const Grid& grid) {
  std::vector<Audit> all;
  for (const auto& [file, cases, candidates] : grid.recorded) all.push_back(audit(read_recorded(file, false), {cases, candidates, ""}));
  return all;
}

}  // namespace

std::vector<Job> checked_jobs(const Grid& grid, const Prepared& prepared, const RunTools& tools, const Path& folder) {
  const auto names = rankers_of(grid);
  check_variants(grid, tools);
  refuse_other_data(grid, prepared, folder);
  auto jobs = jobs_of(grid, names, folder);
  refuse_other_runs(jobs, tools);
  return jobs;
}

CompareResult compare(const Grid& grid, const Prepared& prepared, const RunTools& tools, const CompareOptions& options) {
  const auto jobs = checked_jobs(grid, prepared, tools, options.folder);
  const auto recorded = recorded_beside(grid);
  const Questions questions(prepared, grid.part == "val" ? Part::val : Part::test, 0, options.seed);
  if (questions.cases.empty()) throw Error("protocol '{}' has no case in part '{}'; prepare with a log that has plays after the cut", prepared.protocol.name, grid.part);
  Claims claims(options.folder / "claims", claim_options(options));
  {
    const auto alone = wait_for(claims, "about");
    refuse_other_data(grid, prepared, options.folder);  // another process may have come first
    write_file(options.folder / "about.json", about_text(grid, prepared));
  }
  JobsWorker worker(grid, prepared, tools, options, claims, jobs);
  worker.work();

  const auto alone = wait_for(claims, "table");
  auto result = together(grid, jobs, worker.states(), questions, options);
  result.catalogue.recorded = recorded;
  Changes changes(options.folder);
  write_file(changes.folder() / "comparison.json", compare_json(result));
  write_file(changes.folder() / "table.md", comparison_markdown(result.catalogue));
  write_file(changes.folder() / "table.csv", comparison_csv(result));
  write_file(changes.folder() / "page.html", comparison_page(result.catalogue));
  write_file(changes.folder() / "figure.svg", figure_svg(result.catalogue.evaluation));
  changes.commit();
  return result;
}

std::string compare_json(const CompareResult& result) {
  auto document = comparison_json(result.catalogue);
  if (result.everything) document["everything"] = comparison_json(*result.everything);
  return document.dump(1) + "\n";
}

}  // namespace segue
