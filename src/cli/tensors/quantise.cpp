#include "language/quantise.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/verbs.h"
#include "language/random_weights.h"

namespace segue {
namespace {

struct Arguments {
  Common common;
  std::string model, into, storage = "nf4";
  bool random = false;
};

void run_random(const Arguments& given) {
  const int64_t numbers = write_random_model(given.model, given.into, given.common.seed);
  if (given.common.json) fmt::print("{}\n", nlohmann::ordered_json{{"numbers", numbers}, {"seed", given.common.seed}}.dump(2));
  else fmt::print("{:.1f} million numbers, drawn at random from seed {}\n{}\n", 1e-6 * static_cast<double>(numbers), given.common.seed, given.into);
}

void run(const Arguments& given) {
  if (given.random) return run_random(given);
  const Quantised done = quantise(given.model, given.into, storages().at(given.storage));
  if (given.common.json) {
    const nlohmann::ordered_json document{{"storage", given.storage}, {"layers", done.layers}, {"matrices", done.matrices}, {"bytes_before", done.bytes_before},
                                          {"bytes_after", done.bytes_after}, {"relative_error", done.relative_error}};
    fmt::print("{}\n", document.dump(2));
    return;
  }
  fmt::print("{} matrices of {} layers: {:.1f} MB, before {:.1f} MB; they are off by {:.4f} of their size\n{}\n", done.matrices, done.layers,
             1e-6 * static_cast<double>(done.bytes_after), 1e-6 * static_cast<double>(done.bytes_before), done.relative_error, given.into);
}

}  // namespace

void add_quantise(CLI::App& app) {
  auto given = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("quantise", quantise_help);
  verb->add_option("model", given->model, "A folder in the layout of Hugging Face: LLaMA or Qwen2")->required()->check(CLI::ExistingDirectory);
  verb->add_option("--storage", given->storage, "int8: a quarter of the room of f32; nf4: an eighth")->capture_default_str()->check(CLI::IsMember({"int8", "nf4"}));
  verb->add_flag("--random-weights", given->random, "Draw the weights at random instead, by --seed, in bf16: the same model without what it was taught, to compare with")->excludes("--storage");
  verb->add_option("--into", given->into, "Folder of the same layout, for backbone.folder; a part that was written is not made again")->required();
  add_common(*verb, given->common);
  verb->callback([given] { run(*given); });
}

}  // namespace segue
