#include "experiments/compare.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/hand_over.h"
#include "cli/verbs.h"
#include "core/tensor.h"
#include "experiments/comparison_text.h"
#include "experiments/plan.h"
#include "training/model_card.h"
#include "training/run.h"
#include "training/work.h"

namespace segue {
namespace {

struct Arguments {
  Common common;
  std::string grid, into, data, protocol;
  int64_t resamples = 1000;
  bool dry_run = false, pairwise = false;
};

RunTools tools_of(const Prepared& prepared, const std::string& device) {
  RunTools tools;
  tools.resolved = [](const YAML::Node& config) { return Configuration(config).resolved(); };
  tools.learn = [&prepared, device](const Path& run, const YAML::Node& config, uint64_t seed) {
    RunRequest request;
    request.folder = run;
    request.config = YAML::Clone(config);
    request.seed = seed;
    request.device = device_of(device);
    train_run(prepared, request);
  };
  tools.open = [&prepared, device](const Path& run, uint64_t seed) { return trained_rankers({run.string()}, prepared, device, seed); };
  tools.describe = write_model_card;
  tools.work = [&prepared](const YAML::Node& config) {
    const Work work = work_of(Configuration(config), prepared);
    return RunWork{work.operations, work.memory_bytes, work.language};
  };
  tools.seconds_of_an_operation = [device] { return seconds_of_an_operation(device_of(device)); };
  return tools;
}

/// Processes that learn one model together would each look for a run of their own.
void refuse_torchrun() {
  const char* const processes = std::getenv("WORLD_SIZE");
  if (processes != nullptr && std::atoi(processes) > 1) throw Error("compare shares its runs among processes by itself: start it several times, without torchrun");
}

Grid grid_of(const Arguments& given) {
  Grid grid = read_grid(given.grid);
  if (!given.data.empty()) grid.data = given.data;
  if (!given.protocol.empty()) grid.protocols = {given.protocol};
  if (grid.data.empty()) throw Error("{}: no data folder; say data: FOLDER there, or --data FOLDER", given.grid);
  return given.pairwise ? pairwise(grid) : grid;
}

/// Of one protocol: its document.
std::string planned(const Arguments& given, const Grid& grid, const Prepared& prepared, const Path& folder) {
  const Plan plan = plan_of(grid, prepared, tools_of(prepared, given.common.device), folder);
  if (!given.common.json) fmt::print("{}: {}\n\n{}\n", grid.file, prepared.protocol.name, plan_text(plan));
  return plan_json(plan).dump(1) + "\n";
}

std::string compared(const Arguments& given, const Grid& grid, const Prepared& prepared, const Path& folder, std::vector<std::string>& failures) {
  const auto result = compare(grid, prepared, tools_of(prepared, given.common.device), {.folder = folder, .seed = given.common.seed, .resamples = given.resamples});
  if (!given.common.json) fmt::print("{}\npage: {}\n", comparison_text(result.catalogue), (folder / "page.html").string());
  std::fflush(stdout);
  const auto& failed = result.catalogue.failed;
  if (!failed.empty()) {
    failures.push_back(fmt::format("{} of {} runs and rankers failed, first {}, seed {}: {}", failed.size(), result.catalogue.asked, failed.front().name, failed.front().seed, failed.front().reason));
  }
  return compare_json(result);
}

void run(const Arguments& given) {
  refuse_torchrun();
  const Grid grid = grid_of(given);
  device_of(given.common.device);
  std::vector<std::string> failures;
  nlohmann::ordered_json documents;
  std::vector<Prepared> all;  // before anything is learned under one of them
  for (const auto& protocol : grid.protocols) all.push_back(load_prepared(grid.data, protocol));
  const bool several = all.size() > 1;
  for (const auto& prepared : all) {
    const auto& protocol = prepared.protocol.name;
    const Path folder = several ? Path(given.into) / protocol : Path(given.into);
    const std::string document = given.dry_run ? planned(given, grid, prepared, folder) : compared(given, grid, prepared, folder, failures);
    if (!given.common.json) continue;
    if (several) documents[protocol] = nlohmann::ordered_json::parse(document);
    else fmt::print("{}", document);
  }
  if (given.common.json && !documents.empty()) fmt::print("{}\n", nlohmann::ordered_json{{"protocols", documents}}.dump(1));
  std::fflush(stdout);
  if (!failures.empty()) throw Error("{}", failures.front());
}

}  // namespace

void add_compare(CLI::App& app) {
  auto given = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("compare", compare_help);
  verb->add_option("grid", given->grid, "A YAML file: data, protocol, seeds, base, over (see docs/compare.md)")->required();
  verb->add_option("--into", given->into, "Folder for the runs, the table and the page; what is there is not done again. Of several protocols each gets a folder in it")->required();
  verb->add_option("--data", given->data, "A data folder that was prepared, instead of the grid's");
  verb->add_option("--protocol", given->protocol, "Instead of the grid's");
  verb->add_flag("--pairwise", given->pairwise, "Only as many combinations as it takes for every two values to occur together");
  verb->add_flag("--dry-run", given->dry_run, "Do nothing: list what is to be done, and what it will take");
  verb->add_option("--resamples", given->resamples, "Draws of the bootstrap over listeners and seeds")->capture_default_str()->check(CLI::Range(100, 1000000));
  add_weights_budget(*verb);
  add_common(*verb, given->common);
  verb->callback([given] { run(*given); });
}

}  // namespace segue
