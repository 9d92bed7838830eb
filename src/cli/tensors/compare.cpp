#include "experiments/compare.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "cli/hand_over.h"
#include "cli/verbs.h"
#include "core/tensor.h"
#include "experiments/comparison_text.h"
#include "training/model_card.h"
#include "training/run.h"

namespace segue {
namespace {

struct Arguments {
  Common common;
  std::string grid, into, data, protocol;
  int64_t resamples = 1000;
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
  return tools;
}

/// Processes that learn one model together would each look for a run of their own.
void refuse_torchrun() {
  const char* const processes = std::getenv("WORLD_SIZE");
  if (processes != nullptr && std::atoi(processes) > 1) throw Error("compare shares its runs among processes by itself: start it several times, without torchrun");
}

void run(const Arguments& given) {
  refuse_torchrun();
  Grid grid = read_grid(given.grid);
  if (!given.data.empty()) grid.data = given.data;
  if (!given.protocol.empty()) grid.protocol = given.protocol;
  if (grid.data.empty()) throw Error("{}: no data folder; say data: FOLDER there, or --data FOLDER", given.grid);
  device_of(given.common.device);
  const Prepared prepared = load_prepared(grid.data, grid.protocol);
  CompareOptions options{.folder = given.into, .seed = given.common.seed, .resamples = given.resamples};
  const auto result = compare(grid, prepared, tools_of(prepared, given.common.device), options);
  if (given.common.json) fmt::print("{}", compare_json(result));
  else fmt::print("{}\npage: {}\n", comparison_text(result.catalogue), (options.folder / "page.html").string());
  std::fflush(stdout);
  const auto& failed = result.catalogue.failed;
  if (!failed.empty()) {
    throw Error("{} of {} runs and rankers failed, first {}, seed {}: {}", failed.size(), result.catalogue.asked, failed.front().name, failed.front().seed, failed.front().reason);
  }
}

}  // namespace

void add_compare(CLI::App& app) {
  auto given = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("compare", compare_help);
  verb->add_option("grid", given->grid, "A YAML file: data, protocol, seeds, base, over (see docs/compare.md)")->required();
  verb->add_option("--into", given->into, "Folder for the runs, the table and the page; what is there is not done again")->required();
  verb->add_option("--data", given->data, "A data folder that was prepared, instead of the grid's");
  verb->add_option("--protocol", given->protocol, "Instead of the grid's");
  verb->add_option("--resamples", given->resamples, "Draws of the bootstrap over listeners and seeds")->capture_default_str()->check(CLI::Range(100, 1000000));
  add_weights_budget(*verb);
  add_common(*verb, given->common);
  verb->callback([given] { run(*given); });
}

}  // namespace segue
