#include "training/trainer.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/nonzero.h>
#include <ATen/ops/squeeze.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numbers>

#include "core/progress.h"
#include "core/random.h"
#include "core/spread.h"
#include "evaluation/metrics.h"
#include "ranking/backbone_states.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

Part until_of(const Configuration& configuration) { return configuration.training.learn_from == "fit" ? Part::gate : Part::val; }

/// Of the cases with a target that is ranked, at most so many, evenly spread.
std::vector<Case> some_ranked(std::span<const Case> cases, const PlayTable& table, const Catalogue& ranked, int64_t most) {
  std::vector<Case> of_catalogue;
  for (const Case& c : cases) {
    if (ranked.has(table.log().track[static_cast<size_t>(c.target)])) of_catalogue.push_back(c);
  }
  return spread(of_catalogue, most);
}

int64_t shards_of(const Configuration& configuration, at::Device device) {
  if (configuration.training.shards > 0) return configuration.training.shards;
  if (!device.is_cpu()) return 1;
  return configuration.backbone == "gru4rec" ? 2 : 4;  // small products, one after the other: more shards cost more than they save
}

NamedTensors parameters_of(const SequenceModel& model) {
  NamedTensors all;
  for (const auto& pair : model.named_parameters()) all.emplace(pair.key(), pair.value());
  return all;
}

/// The tables of vectors that learn.
NamedTensors tables_of(SequenceModel& model) {
  NamedTensors all;
  if (model.items().table_learns()) all.emplace("items", model.items().table());
  if (model.head() != nullptr) all.emplace("head", model.head()->table());
  return all;
}

/// A step's tracks have vectors to be scored by only where they were labels or negatives.
Adam::Touched scored_only(const ItemVectors::Drawn& drawn) {
  const Tensor slope = drawn.leaf.grad(), some = slope.abs().amax(1).nonzero().squeeze(1);
  return {drawn.rows.index_select(0, some), slope.index_select(0, some)};
}

constexpr uint64_t of_items = 0x6974656d;  // tells the noise of what is heard of tracks from that of the backbone

/// [N] 1 where a track is a label at some time. A causal model is never asked for what a listener played first.
std::vector<uint8_t> labelled(const Log& log, Part until, bool causal) {
  std::vector<uint8_t> some(static_cast<size_t>(log.tracks));
  for (size_t u = 0; u + 1 < log.first.size(); ++u) {
    for (int64_t i = log.first[u] + (causal ? 1 : 0); i < log.first[u + 1]; ++i) {
      if (log.part[static_cast<size_t>(i)] < until) some[static_cast<size_t>(log.track[static_cast<size_t>(i)])] = 1;
    }
  }
  return some;
}

/// Whether it is known of any play that is learned from how far it was heard.
bool some_completion(const Log& log, Part until) {
  for (size_t i = 0; i < log.part.size(); ++i) {
    if (log.part[i] < until && log.completion_kind[i] != CompletionKind::unknown) return true;
  }
  return false;
}

/// As the configuration has it, or as short as the backbone must.
Sampler::Options windows_of(const Configuration& configuration, SequenceModel& model) {
  Sampler::Options options = configuration.windows;
  if (const int64_t most = model.backbone().most_plays(); most < options.length) {
    note(fmt::format("windows of {} plays instead of {}: the backbone has no room for more", most, options.length));
    options.length = most;
  }
  return options;
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
      cases_(some_ranked(cases, table, ranked, configuration.training.validation_cases)),
      ranked_(ranked),
      configuration_(configuration),
      seed_(seed),
      place_(std::move(place)),
      processes_(place_.processes == nullptr ? alone_ : *place_.processes),
      sampler_(table, windows_of(configuration, model), until_of(configuration), model.backbone().causal(), seed),
      labelled_(labelled(table.log(), until_of(configuration), model.backbone().causal())),
      objective_(objectives().at(configuration.objective)(configuration.objective_options)),
      negatives_(sampler_.plays(), objective_->negatives(), configuration.objective_options.power, seed),
      adam_(configuration.optimiser, parameters_of(model), tables_of(model)),
      maker_({table, sampler_, negatives_, configuration.objective_options.negatives, objective_->each_its_own()}, device),
      shards_(model, configuration, *objective_, shards_of(configuration, device)) {
  if (model.backbone().is_told() && configuration.windows.targets != "last") {
    throw Error("windows.targets: {}: words would tell of plays that are still to be guessed; 'last' would work", configuration.windows.targets);
  }
  if (configuration.finish.weight > 0 && !some_completion(table.log(), until_of(configuration))) {
    throw Error("finish.weight: {}: the log does not say of any play to learn from how far it was heard; 0 would work", configuration.finish.weight);
  }
  if (cases_.empty()) throw Error("no validation case among the tracks of the catalogue: there is nothing to stop early by");
}

const std::vector<std::vector<Window>>& Trainer::epoch(int64_t number) {
  if (batches_.epoch != number) batches_ = {number, sampler_.epoch(number)};
  return batches_.all;
}

double Trainer::epochs_done() const { return static_cast<double>(epoch_) + static_cast<double>(in_epoch_) / static_cast<double>(batches_.all.size()); }

/// Rises to 1, then falls by a half cosine to last_rate.
double Trainer::rate() const {
  const auto& options = configuration_.training;
  const double done = epochs_done() / options.epochs, step = 1 / (static_cast<double>(batches_.all.size()) * options.epochs);
  if (done < options.warm_up) return std::min(1.0, (done + step) / options.warm_up);
  const double after = (done - options.warm_up) / std::max(1e-9, 1 - options.warm_up);
  return options.last_rate + (1 - options.last_rate) * 0.5 * (1 + std::cos(std::numbers::pi * std::min(1.0, after)));
}

/// Returns the mean loss of the step's labels; adds up what was seen.
double Trainer::take_step(const std::vector<Window>& windows) {
  const Step step = maker_.make(windows, step_, processes_.share(), shards_.count(), seed_);
  Noise noise(mix_bits(seed_ ^ of_items), step_);
  const auto items = model_.items().of(step.tracks, true, &noise);
  ItemVectors::Drawn head;
  if (model_.head() != nullptr) head = model_.head()->of(step.tracks, true);
  auto gradient = shards_.of(step, {items.vectors.detach(), head.vectors.defined() ? head.vectors.detach() : Tensor()});
  sum(gradient);
  std::map<std::string, Adam::Touched> touched;
  if (items.vectors.requires_grad()) items.vectors.backward(gradient.vectors.read);
  if (model_.items().table_learns()) touched["items"] = {items.rows, moved(items, step.tracks)};
  if (head.vectors.defined()) {
    head.vectors.backward(gradient.vectors.scored);
    touched["head"] = scored_only(head);
  }
  const double value = gradient.loss, weight = step.weight;
  const double length = adam_.step(rate(), touched);
  if (!std::isfinite(value) || !std::isfinite(length)) {
    throw Error("step {} (epoch {}): the loss is {} and its gradient's length {}: learning stopped; the last good checkpoint is kept. A lower "
                "optimiser.rate would help", step_, epoch_, value / weight, length);
  }
  loss_ += value;
  labels_ += weight;
  seen_ += static_cast<double>(step.labels);
  return value / weight;
}

/// The gradient of the step's rows. Where content is what a track begins as, a track that is never a label stays just that: it
/// would only be pushed away, by being drawn as a negative.
Tensor Trainer::moved(const ItemVectors::Drawn& items, const std::vector<int32_t>& tracks) const {
  const Tensor& slope = items.leaf.grad();
  if (!model_.items().has_content()) return slope;
  std::vector<float> moves;
  for (const int32_t track : tracks) moves.push_back(static_cast<float>(labelled_[static_cast<size_t>(track)]));
  return slope * tensor_of(moves, {slope.size(0), 1}).to(slope.options());
}

void Trainer::sum(Shards::Gradient& gradient) const {
  if (processes_.count() == 1) return;
  const at::NoGradGuard no_grad;
  const Tensor loss = at::full({1}, gradient.loss, gradient.weights.options());
  std::vector<Tensor> parts{gradient.weights, gradient.vectors.read.view({-1}), loss};
  if (gradient.vectors.scored.defined()) parts.insert(parts.begin() + 2, gradient.vectors.scored.view({-1}));
  const Tensor all = at::cat(parts);  // sent as one
  processes_.sum(all);
  int64_t begin = 0;
  const auto next = [&](const Tensor& like) {
    const Tensor part = all.narrow(0, begin, like.numel()).view(like.sizes());
    begin += like.numel();
    return part;
  };
  gradient.weights.copy_(next(gradient.weights));
  gradient.vectors.read = next(gradient.vectors.read);
  if (gradient.vectors.scored.defined()) gradient.vectors.scored = next(gradient.vectors.scored);
  gradient.loss = next(loss).item<double>();
}

/// Cases stand listener by listener, so each process reads other windows.
Validation Trainer::validate() {
  const VectorModel model = vector_model(model_, table_, {.length = configuration_.windows.length});
  std::vector<Asked> asked;
  std::vector<int32_t> targets;
  const auto [begin, end] = processes_.part_of(cases_.size());
  for (const Case& c : std::span(cases_).subspan(begin, end - begin)) {
    asked.push_back(asked_of(table_.log(), c));
    targets.push_back(table_.log().track[static_cast<size_t>(c.target)]);
  }
  const Catalogue* catalogues[] = {&ranked_};
  const Tensor sums = at::zeros({2}, at::TensorOptions(at::kDouble));
  auto* const found = sums.mutable_data_ptr<double>();
  if (!asked.empty()) {
    const auto places = model.packed().place({model.states(asked)}, targets, catalogues);
    for (const auto& place : places.front()) {
      found[0] += metric_of(place, ndcg, 10, Ties::mean_rank);
      found[1] += metric_of(place, recall, 10, Ties::mean_rank);
    }
  }
  processes_.sum(sums);
  const auto cases = static_cast<double>(cases_.size());
  return {found[0] / cases, found[1] / cases, std::ssize(cases_)};
}

void Trainer::judge() {
  const Validation now = validate();
  const bool better = now.ndcg_10 > best_.ndcg_10 || best_.cases == 0;
  worse_ = better ? 0 : worse_ + 1;
  if (better) best_ = now;
  log(Json{{"event", "validation"}, {"step", step_}, {"epoch", epochs_done()},
           {"seconds", seconds_}, {"loss", loss_ / std::max(1.0, labels_)}, {"targets", seen_}, {"ndcg@10", now.ndcg_10}, {"recall@10", now.recall_10},
           {"cases", now.cases}, {"scale", model_.scale().item<double>()}, {"best", better}}.dump());
  note(fmt::format("epoch {:.1f}: loss {:.4f}, ndcg@10 {:.4f}, recall@10 {:.4f}{}", epochs_done(),
                   loss_ / std::max(1.0, labels_), now.ndcg_10, now.recall_10, better ? " (best)" : ""));
  loss_ = labels_ = 0;
  save(better);
}

void Trainer::learn() {
  if (processes_.take_from_first(place_.fingerprint) != place_.fingerprint) {
    throw Error("process {}: reads other data, another configuration or another seed than process 0", processes_.number());
  }
  if (processes_.first()) std::filesystem::create_directories(place_.folder);
  if (!resume() && processes_.first()) {
    std::filesystem::remove(place_.folder / "log.ndjson");
    std::filesystem::remove(place_.folder / "best.safetensors");
  }
  const auto& options = configuration_.training;
  constexpr double rounding = 1e-9;
  const auto left = [&] { return epochs_done() < options.epochs - rounding && worse_ < options.patience; };
  Progress progress("learning", static_cast<int64_t>(std::ceil(options.epochs * static_cast<double>(epoch(epoch_).size()))), "steps");
  for (; left(); ++epoch_, in_epoch_ = 0) {
    const auto steps = static_cast<int64_t>(epoch(epoch_).size());
    while (in_epoch_ < steps && left()) {
      if (left_-- == 0) return;
      const auto began = Clock::now();
      take_step(batches_.all[static_cast<size_t>(in_epoch_)]);
      seconds_ += std::chrono::duration<double>(Clock::now() - began).count();
      const auto due = [&] { return std::floor(epochs_done() / options.validate_every + rounding); };
      const double before = due();
      ++in_epoch_;
      ++step_;
      const bool validates = due() > before || epochs_done() >= options.epochs - rounding;
      progress.at(epoch_ * steps + in_epoch_);
      if (validates) judge();
      else if (step_ % options.checkpoint_every == 0) save(false);
    }
    if (!left()) break;
  }
  const NamedTensors weights = weights_of(model_);
  if (processes_.first()) copy_into(weights, read_tensors(place_.folder / "best.safetensors"), (place_.folder / "best.safetensors").string());
  for (const auto& [name, tensor] : weights) processes_.take_from_first(tensor);
}

NamedTensors Trainer::checkpoint() const {
  NamedTensors all;
  for (const auto& [name, tensor] : weights_of(model_)) all.emplace("model." + name, tensor);
  for (const auto& [name, tensor] : adam_.state()) all.emplace("adam." + name, tensor);
  return all;
}

/// The best weights go first: a checkpoint that speaks of them must find them.
void Trainer::save(bool best) {
  if (!processes_.first()) return;
  if (best) write_tensors(place_.folder / "best.safetensors", weights_of(model_));
  const Json state{{"fingerprint", place_.fingerprint}, {"epoch", epoch_}, {"in_epoch", in_epoch_}, {"step", step_}, {"worse", worse_}, {"seconds", seconds_},
                   {"loss", loss_}, {"labels", labels_}, {"seen", seen_}, {"ndcg@10", best_.ndcg_10}, {"recall@10", best_.recall_10}, {"cases", best_.cases}};
  write_tensors(place_.folder / "checkpoint.safetensors", checkpoint(), {{"state", state.dump()}});
}

/// Its weights and moments are the trainer's then; returns the state, or nothing where there is no checkpoint.
std::string Trainer::read_checkpoint() {
  const Path path = place_.folder / "checkpoint.safetensors";
  if (!std::filesystem::exists(path)) return {};
  const auto metadata = Safetensors(path).metadata();
  const auto found = metadata.find("state");
  const auto state = found == metadata.end() ? Json() : Json::parse(found->second, nullptr, false);
  if (!state.is_object()) throw Error("{}: no checkpoint of a run; remove it to begin anew", path.string());
  if (state.value("fingerprint", "") != place_.fingerprint) {
    throw Error("{}: of another data set, configuration or seed; name another folder with --run, or remove this one", path.string());
  }
  copy_into(checkpoint(), read_tensors(path), path.string());
  cut_log(place_.folder / "log.ndjson", state.at("step"));
  return state.dump();
}

/// The first process reads, the others are told.
bool Trainer::resume() {
  const std::string text = processes_.take_from_first(processes_.first() ? read_checkpoint() : std::string());
  if (text.empty()) return false;
  if (processes_.count() > 1) {
    for (const auto& [name, tensor] : checkpoint()) processes_.take_from_first(tensor);
  }
  const Json state = Json::parse(text);
  epoch_ = state.at("epoch");
  in_epoch_ = state.at("in_epoch");
  step_ = state.at("step");
  worse_ = state.at("worse");
  seconds_ = state.at("seconds");
  loss_ = state.at("loss");
  labels_ = state.at("labels");
  seen_ = state.at("seen");
  best_ = {state.at("ndcg@10"), state.at("recall@10"), state.at("cases")};
  note(fmt::format("going on from step {}", step_));
  return true;
}

void Trainer::log(const std::string& line) const {
  if (!processes_.first()) return;
  std::ofstream out(place_.folder / "log.ndjson", std::ios::app);
  out << line << "\n";
  if (!out.flush()) throw Error("{}: can't be written; is the disk full?", (place_.folder / "log.ndjson").string());
}

}  // namespace segue
