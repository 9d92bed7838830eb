#include "training/configuration.h"

#include <ATen/Context.h>

#include "core/options.h"

namespace segue {
namespace {

/// A section without its `name`, which chooses a row of a registry.
YAML::Node without_name(const YAML::Node& section, std::string& name) {
  YAML::Node rest(YAML::NodeType::Map);
  if (!section) return rest;
  if (!section.IsMap()) throw Error("a section wants 'key: value' lines");
  for (const auto& pair : section) {
    if (pair.first.as<std::string>() == "name") name = pair.second.as<std::string>();
    else rest[pair.first.as<std::string>()] = pair.second;
  }
  return rest;
}

template <class Options>
YAML::Node section_of(const Options& options, const std::string& name = {}) {
  YAML::Node section(YAML::NodeType::Map);
  if (!name.empty()) section["name"] = name;
  write_options(options, section);
  return section;
}

/// Makes a model over vectors of tracks. head: makes those of its own by which a backbone may want tracks to be scored, of
/// so many numbers.
template <class Head>
std::shared_ptr<SequenceModel> model_over(std::shared_ptr<ItemVectors> items, const Configuration& configuration, Head&& head) {
  const int64_t width = items->width();
  auto plays = std::make_shared<PlayVectors>(configuration.plays, width);
  auto backbone = backbones().at(configuration.backbone).make(configuration.backbone_section, {width, configuration.windows.length});
  auto scored = backbone->own_width() > 0 ? head(backbone->own_width()) : nullptr;
  const bool unit = configuration.items.unit;
  std::shared_ptr<Finish> finish;
  if (configuration.finish.weight > 0) finish = std::make_shared<Finish>(configuration.finish, scored == nullptr ? width : scored->width(), unit);
  SequenceModel::Parts parts{std::move(items), std::move(plays), std::move(backbone), std::move(scored), std::move(finish)};
  return std::make_shared<SequenceModel>(std::move(parts), unit);
}

}  // namespace

Configuration::Configuration(const YAML::Node& given) {
  const std::vector<std::string> sections{"items", "fusion", "plays", "backbone", "windows", "objective", "finish", "optimiser", "training", "mix"};
  for (const auto& pair : given) {
    const auto name = pair.first.as<std::string>();
    if (std::find(sections.begin(), sections.end(), name) == sections.end()) {
      throw Error("configuration: no section '{}'; known: {}", name, fmt::join(sections, ", "));
    }
  }
  read_options(given["items"], "items", items);
  read_options(without_name(given["fusion"], fusion), "fusion", fusion_options);
  read_options(given["plays"], "plays", plays);
  backbone_section = without_name(given["backbone"], backbone);
  read_options(given["windows"], "windows", windows);
  read_options(without_name(given["objective"], objective), "objective", objective_options);
  read_options(given["finish"], "finish", finish);
  finish.check();
  read_options(given["optimiser"], "optimiser", optimiser);
  read_options(given["training"], "training", training);
  read_options(given["mix"], "mix", mix);
  objectives().at(objective);
  fusions().at(fusion);
  // In one order, whatever order they are named in: nothing that is learned depends on it.
  std::sort(items.signals.begin(), items.signals.end());
  if (const auto twice = std::adjacent_find(items.signals.begin(), items.signals.end()); twice != items.signals.end()) throw Error("items.signals: '{}' is named twice", *twice);
  if (fusion_options.heads < 1) throw Error("fusion.heads: {}; 1 or more would work", fusion_options.heads);
  for (const auto& [name, chance] : {std::pair("drop", fusion_options.drop), std::pair("drop_id", fusion_options.drop_id)}) {
    if (!(chance >= 0 && chance < 1)) throw Error("fusion.{}: {}; a chance from 0 to below 1 is wanted", name, chance);
  }
  if (!items.from.empty()) items.from = std::filesystem::absolute(items.from).lexically_normal().string();
  if (items.width < 1 || items.width > 65536) throw Error("items.width: {}; from 1 to 65536 would work", items.width);
  backbones().at(backbone).resolve(backbone_section, items.width);  // refuses keys it does not have
  if (training.learn_from != "fit" && training.learn_from != "train") throw Error("training.learn_from: '{}'; known: fit, train", training.learn_from);
  if (training.shards < 0 || training.shards > 1024) throw Error("training.shards: {}; from 0 to 1024 would work", training.shards);
  if (training.refit_epochs < 0 || training.refit_rate <= 0) throw Error("training: refit_epochs must not be negative, refit_rate must be positive");
  if (mix.questions < 1 || mix.questions_of_listener < 1 || mix.learn_candidates < 1 || mix.candidates < 1 || mix.memory.nearest < 1) {
    throw Error("mix: questions, candidates and memory_nearest must be positive");
  }
  if (training.positions < 0) throw Error("training.positions: {}; 0 or more would work", training.positions);
  if (training.epochs <= 0 || training.validate_every <= 0) throw Error("training: epochs and validate_every must be positive");
}

YAML::Node Configuration::resolved() const {
  YAML::Node all(YAML::NodeType::Map);
  all["items"] = section_of(items);
  all["fusion"] = section_of(fusion_options, fusion);
  all["plays"] = section_of(plays);
  all["backbone"]["name"] = backbone;
  for (const auto& setting : backbones().at(backbone).resolve(backbone_section, items.width)) all["backbone"][setting.first] = setting.second;
  all["windows"] = section_of(windows);
  all["objective"] = section_of(objective_options, objective);
  all["finish"] = section_of(finish);
  all["optimiser"] = section_of(optimiser);
  all["training"] = section_of(training);
  all["mix"] = section_of(mix);
  return all;
}

Configuration Configuration::within_budget(int64_t targets) const {
  Configuration within = *this;
  if (training.positions > 0) {
    within.training.epochs = std::min(training.epochs, static_cast<double>(training.positions) / static_cast<double>(std::max<int64_t>(1, targets)));
  }
  return within;
}

Configuration Configuration::of_refit() const {
  Configuration refit = *this;
  refit.training.learn_from = "train";
  refit.training.epochs = static_cast<double>(training.refit_epochs);
  refit.training.patience = training.refit_epochs + 1;
  refit.training.warm_up = 0;
  refit.optimiser.rate *= training.refit_rate;
  refit.optimiser.table_rate *= training.refit_rate;
  return refit;
}

std::shared_ptr<SequenceModel> make_model(const Configuration& configuration, std::vector<int32_t> row, int64_t rows, uint64_t seed, TrackSignals signals) {
  TORCH_CHECK(signals.size() == configuration.items.signals.size(), "make_model: ", signals.size(), " signals for ", configuration.items.signals.size());
  at::manual_seed(seed);  // of the first weights, and of nothing else
  auto items = std::make_shared<ItemVectors>(configuration.items, row, rows, ItemVectors::Content{configuration.fusion, configuration.fusion_options, std::move(signals)});
  return model_over(std::move(items), configuration, [&](int64_t width) {
    ItemVectors::Options own;
    own.width = width;
    own.unit = configuration.items.unit;
    return std::make_shared<ItemVectors>(own, std::move(row), rows, ItemVectors::Content{});
  });
}

std::shared_ptr<SequenceModel> replica_of(const SequenceModel& model, const Configuration& configuration) {
  auto replica = model_over(model.shared_items(), configuration, [&](int64_t) { return model.head(); });
  const auto weights = model.named_parameters();
  for (auto& pair : replica->named_parameters()) pair.value().set_data(weights[pair.key()].data());
  return replica;
}

NamedTensors weights_of(const SequenceModel& model) {
  NamedTensors all;
  for (const auto& pair : model.named_parameters()) all.emplace(pair.key(), pair.value());
  for (const auto& pair : model.named_buffers()) all.emplace(pair.key(), pair.value());
  return all;
}

}  // namespace segue
