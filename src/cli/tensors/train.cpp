#include <ATen/Parallel.h>

#include <fmt/format.h>

#include <memory>

#include "cli/verbs.h"
#include "core/options.h"
#include "core/tensor.h"
#include "training/run.h"

namespace segue {
namespace {

struct Arguments {
  Common common;
  std::string data, protocol = "segue", config, run;
  std::vector<std::string> settings;
};

void run(const Arguments& given) {
  RunRequest request;
  request.folder = given.run;
  request.config = read_config(given.config, given.settings);
  request.seed = given.common.seed;
  request.device = device_of(given.common.device);
  if (!train_run(load_prepared(given.data, given.protocol), request)) return;
  const std::string metrics = read_file(request.folder / "metrics.json");
  if (given.common.json) fmt::print("{}", metrics);
  else fmt::print("run: {}\n", given.run);
}

}  // namespace

void add_train(CLI::App& app) {
  auto given = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("train", train_help);
  verb->add_option("data", given->data, "A data folder that was prepared")->required();
  verb->add_option("--protocol", given->protocol, "As given to prepare")->capture_default_str();
  verb->add_option("--config", given->config, "A YAML file of settings (default: ours for a listener's own log)")->check(CLI::ExistingFile);
  verb->add_option("--set", given->settings, "One setting, e.g. backbone.name=gru4rec; may be repeated");
  verb->add_option("--run", given->run, "Folder for the model; a run that was stopped goes on")->required();
  add_weights_budget(*verb);
  add_common(*verb, given->common);
  verb->callback([given] { run(*given); });
}

}  // namespace segue
