#include "training/trainer.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/index_select.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numbers>

#include "core/progress.h"
#include "evaluation/metrics.h"
#include "ranking/backbone_states.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

Part until_of(const Configuration& configuration) { return configuration.training.learn_from == "fit" ? Part::gate : Part::val; }

/// Of the cases with a target that is ranked, at most so many, evenly spread.
std::vector<Case> spread(std::span<const Case> cases, const PlayTable& table, const Catalogue& ranked, int64_t most) {
  std::vector<Case> of_catalogue, kept;
  for (const Case& c : cases) {
    if (ranked.has(table.log().track[static_cast<size_t>(c.target)])) of_catalogue.push_back(c);
  }
  const auto n = static_cast<int64_t>(of_catalogue.size());
  for (int64_t i = 0; i < n; ++i) {
    if (n <= most || (i + 1) * most / n != i * most / n) kept.push_back(of_catalogue[static_cast<size_t>(i)]);
  }
  return kept;
}

NamedTensors parameters_of(const SequenceModel& model) {
  NamedTensors all;
  for (const auto& pair : model.named_parameters()) all.emplace(pair.key(), pair.value());
  return all;
}

/// Lines of the log up to a step: what a killed run wrote after its last checkpoint is learned again.
void cut_log(const Path& path, int64_t step) {
  if (!std::filesystem::exists(path)) return;
  std::string kept;
  std::istringstream lines(read_file(path));
  for (std::string line; std::getline(lines, line);) {
    const auto json = Json::parse(line, nullptr, false);
    if (json.is_object() && json.value("step", int64_t{0}) <= step) kept += line + "\n";
  }
  write_file(path, kept);
}

}  // namespace

Trainer::Trainer(SequenceModel& model, const PlayTable& table, std::span<const Case> cases, const Catalogue& ranked,
                 const Configuration& configuration, uint64_t seed, at::Device device, Place place)
    : model_(model),
      table_(table),
      cases_(spread(cases, table, ranked, configuration.training.validation_cases)),
      ranked_(ranked),
      configuration_(configuration),
      seed_(seed),
      device_(device),
      place_(std::move(place)),
      sampler_(table, configuration.windows, until_of(configuration), model.backbone().causal(), seed),
      objective_(objectives().at(configuration.objective)(configuration.objective_options)),
      negatives_(sampler_.plays(), objective_->negatives(), configuration.objective_options.power, seed),
      adam_(configuration.optimiser, parameters_of(model), model.items().table()),
      tracks_(table.log().tracks) {
  if (cases_.empty()) throw Error("no validation case among the tracks of the catalogue: there is nothing to stop early by");
}

const std::vector<std::vector<Window>>& Trainer::epoch(int64_t number) {
  if (batches_.epoch != number) batches_ = {number, sampler_.epoch(number)};
  return batches_.all;
}

/// Rises to 1, then falls by a half cosine to last_rate.
double Trainer::rate() const {
  const auto& options = configuration_.training;
  const double done = (static_cast<double>(epoch_) + static_cast<double>(in_epoch_) / static_cast<double>(batches_.all.size())) / static_cast<double>(options.epochs);
  const double step = 1 / (static_cast<double>(batches_.all.size()) * static_cast<double>(options.epochs));
  if (done < options.warm_up) return std::min(1.0, (done + step) / options.warm_up);
  const double after = (done - options.warm_up) / std::max(1e-9, 1 - options.warm_up);
  return options.last_rate + (1 - options.last_rate) * 0.5 * (1 + std::cos(std::numbers::pi * std::min(1.0, after)));
}

/// Returns the sum of the losses; adds up what was seen.
double Trainer::take_step(const std::vector<Window>& windows) {
  tracks_.clear();
  Batch batch = make_batch(table_, windows, configuration_.windows.length, tracks_);
  const auto labels = sampler_.labels(windows, batch.length());
  const auto M = static_cast<int64_t>(labels.track.size());
  std::vector<int64_t> label;
  for (const int32_t track : labels.track) label.push_back(tracks_.place_of(track));
  const int64_t own = objective_->each_its_own() ? M : configuration_.objective_options.negatives;
  const auto drawn = negatives_.draw(step_, own, labels.track);
  std::vector<int64_t> negative;
  for (const int32_t track : drawn.tracks) negative.push_back(tracks_.place_of(track));
  const auto K = static_cast<int64_t>(negative.size());

  batch = to(batch, device_);
  batch.noise = std::make_shared<Noise>(seed_, step_);
  const auto items = model_.items().of(tracks_.tracks(), true);
  const Tensor states = model_.states(batch, items.vectors);
  Targets targets;
  targets.states = states.reshape({-1, states.size(2)}).index_select(0, tensor_of(labels.position, {M}).to(device_));
  targets.vectors = items.vectors;
  targets.scale = model_.scale();
  targets.label = tensor_of(label, {M}).to(device_);
  targets.weight = tensor_of(labels.weight, {M}).to(device_);
  targets.negative = tensor_of(negative, {K}).to(device_);
  targets.log_expected = tensor_of(drawn.log_expected, {K}).to(device_);
  targets.sampling_rate = std::min(1.0, static_cast<double>(K) / static_cast<double>(std::max<int64_t>(1, negatives_.tracks() - 1)));
  const Tensor loss = objective_->loss(targets);
  const double value = loss.item<double>(), weight = targets.weight.sum().item<double>();
  (loss / weight).backward();
  const double length = adam_.step(rate(), items.rows, items.leaf.grad());
  if (!std::isfinite(value) || !std::isfinite(length)) {
    throw Error("step {} (epoch {}): the loss is {} and its gradient's length {}: learning stopped; the last good checkpoint is kept. A lower "
                "optimiser.rate would help", step_, epoch_, value / weight, length);
  }
  loss_ += value;
  labels_ += weight;
  seen_ += static_cast<double>(M);
  return value / weight;
}

Validation Trainer::validate() {
  const VectorModel model = vector_model(model_, table_, {.length = configuration_.windows.length});
  std::vector<Asked> asked;
  std::vector<int32_t> targets;
  for (const Case& c : cases_) {
    asked.push_back(asked_of(table_.log(), c));
    targets.push_back(table_.log().track[static_cast<size_t>(c.target)]);
  }
  const Catalogue* catalogues[] = {&ranked_};
  const auto places = model.packed().place({model.states(asked)}, targets, catalogues).front();
  Validation found;
  found.cases = std::ssize(cases_);
  for (const auto& place : places) {
    found.ndcg_10 += metric_of(place, ndcg, 10, Ties::mean_rank) / static_cast<double>(found.cases);
    found.recall_10 += metric_of(place, recall, 10, Ties::mean_rank) / static_cast<double>(found.cases);
  }
  return found;
}

void Trainer::judge() {
  const Validation now = validate();
  const bool better = now.ndcg_10 > best_.ndcg_10 || best_.cases == 0;
  worse_ = better ? 0 : worse_ + 1;
  if (better) best_ = now;
  log(Json{{"event", "validation"}, {"step", step_}, {"epoch", static_cast<double>(epoch_) + static_cast<double>(in_epoch_) / static_cast<double>(batches_.all.size())},
           {"seconds", seconds_}, {"loss", loss_ / std::max(1.0, labels_)}, {"targets", seen_}, {"ndcg@10", now.ndcg_10}, {"recall@10", now.recall_10},
           {"cases", now.cases}, {"scale", model_.scale().item<double>()}, {"best", better}}.dump());
  note(fmt::format("epoch {:.1f}: loss {:.4f}, ndcg@10 {:.4f}, recall@10 {:.4f}{}", static_cast<double>(epoch_) + static_cast<double>(in_epoch_) / static_cast<double>(batches_.all.size()),
                   loss_ / std::max(1.0, labels_), now.ndcg_10, now.recall_10, better ? " (best)" : ""));
  loss_ = labels_ = 0;
  save(better);
}

void Trainer::learn() {
  std::filesystem::create_directories(place_.folder);
  if (!resume()) {
    std::filesystem::remove(place_.folder / "log.ndjson");
    std::filesystem::remove(place_.folder / "best.safetensors");
  }
  const auto& options = configuration_.training;
  Progress progress("learning", options.epochs * static_cast<int64_t>(epoch(epoch_).size()), "steps");
  for (; epoch_ < options.epochs && worse_ < options.patience; ++epoch_, in_epoch_ = 0) {
    const auto steps = static_cast<int64_t>(epoch(epoch_).size());
    while (in_epoch_ < steps && worse_ < options.patience) {
      if (left_-- == 0) return;
      const auto began = Clock::now();
      take_step(batches_.all[static_cast<size_t>(in_epoch_)]);
      seconds_ += std::chrono::duration<double>(Clock::now() - began).count();
      const auto due = [&](int64_t place) { return std::floor((static_cast<double>(epoch_) + static_cast<double>(place) / static_cast<double>(steps)) / options.validate_every + 1e-9); };
      const bool validates = due(in_epoch_ + 1) > due(in_epoch_) || (epoch_ + 1 == options.epochs && in_epoch_ + 1 == steps);
      ++in_epoch_;
      ++step_;
      progress.at(epoch_ * steps + in_epoch_);
      if (validates) judge();
      else if (step_ % options.checkpoint_every == 0) save(false);
    }
    if (worse_ >= options.patience) break;
  }
  NamedTensors weights = weights_of(model_);
  copy_into(weights, read_tensors(place_.folder / "best.safetensors"), (place_.folder / "best.safetensors").string());
}

NamedTensors Trainer::checkpoint() const {
  NamedTensors all;
  for (const auto& [name, tensor] : weights_of(model_)) all.emplace("model." + name, tensor);
  for (const auto& [name, tensor] : adam_.state()) all.emplace("adam." + name, tensor);
  return all;
}

/// The best weights go first: a checkpoint that speaks of them must find them.
void Trainer::save(bool best) {
  if (best) write_tensors(place_.folder / "best.safetensors", weights_of(model_));
  const Json state{{"fingerprint", place_.fingerprint}, {"epoch", epoch_}, {"in_epoch", in_epoch_}, {"step", step_}, {"worse", worse_}, {"seconds", seconds_},
                   {"loss", loss_}, {"labels", labels_}, {"seen", seen_}, {"ndcg@10", best_.ndcg_10}, {"recall@10", best_.recall_10}, {"cases", best_.cases}};
  write_tensors(place_.folder / "checkpoint.safetensors", checkpoint(), {{"state", state.dump()}});
}

bool Trainer::resume() {
  const Path path = place_.folder / "checkpoint.safetensors";
  if (!std::filesystem::exists(path)) return false;
  const auto metadata = Safetensors(path).metadata();
  const auto found = metadata.find("state");
  const auto state = found == metadata.end() ? Json() : Json::parse(found->second, nullptr, false);
  if (!state.is_object()) throw Error("{}: no checkpoint of a run; remove it to begin anew", path.string());
  if (state.value("fingerprint", "") != place_.fingerprint) {
    throw Error("{}: of another data set, configuration or seed; name another folder with --run, or remove this one", path.string());
  }
  copy_into(checkpoint(), read_tensors(path), path.string());
  epoch_ = state.at("epoch");
  in_epoch_ = state.at("in_epoch");
  step_ = state.at("step");
  worse_ = state.at("worse");
  seconds_ = state.at("seconds");
  loss_ = state.at("loss");
  labels_ = state.at("labels");
  seen_ = state.at("seen");
  best_ = {state.at("ndcg@10"), state.at("recall@10"), state.at("cases")};
  cut_log(place_.folder / "log.ndjson", step_);
  note(fmt::format("going on from step {}", step_));
  return true;
}

void Trainer::log(const std::string& line) const {
  std::ofstream out(place_.folder / "log.ndjson", std::ios::app);
  out << line << "\n";
  if (!out.flush()) throw Error("{}: can't be written; is the disk full?", (place_.folder / "log.ndjson").string());
}

}  // namespace segue
