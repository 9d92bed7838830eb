#include "training/run.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/options.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "core/random.h"
#include "evaluation/json.h"
#include "ranking/backbone_states.h"
#include "training/guard.h"
#include "training/model_card.h"
#include "training/run_tracks.h"
#include "training/work.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

/// FNV-1a, mixed: the same halves on every machine.
uint64_t hash_of(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return mix_bits(hash);
}

std::string text_of(const YAML::Node& node) {
  YAML::Emitter out;
  out << node;
  return std::string(out.c_str()) + "\n";
}

YAML::Node header_of(const Prepared& prepared, const RunRequest& request, const TrackSignals& signals) {
  YAML::Node run(YAML::NodeType::Map);
  run["protocol"] = prepared.protocol.name;
  run["data_hash"] = prepared.data_hash;
  run["seed"] = request.seed;
  for (const auto& signal : signals) {
    run["signals"][signal->name]["space"] = signal->space;
    run["signals"][signal->name]["tracks"] = signal->known();
  }
  return run;
}

/// A run that learned from signals reads them where they are; vectors of another space would mean something else.
TrackSignals signals_of(const Configuration& configuration, const YAML::Node& header, const FolderTracks& tracks, const Path& run) {
  auto signals = read_signals(tracks.data, configuration.items.signals, tracks.number);
  for (const auto& signal : signals) {
    const auto learned = header["signals"][signal->name]["space"].as<std::string>("");
    if (signal->space != learned) {
      throw Error("{}: learned from a signal '{}' of space {}; {} has one of space {}: encode it again as it was, or train anew", run.string(), signal->name, learned, tracks.data.string(), signal->space);
    }
  }
  return signals;
}

void refuse_another(const Path& path, const std::string& text) {
  if (!std::filesystem::exists(path) || read_file(path) == text) return;
  throw Error("{}: holds a run of other data, settings or another seed; name another folder with --run", path.parent_path().string());
}

/// Returns true if all was learned before.
bool begin_folder(const Path& folder, const std::string& text) {
  std::filesystem::create_directories(folder);
  refuse_another(folder / "config.yaml", text);
  if (std::filesystem::exists(folder / "metrics.json")) {
    note(fmt::format("{}: was learned before", folder.string()));
    return true;
  }
  write_file(folder / "config.yaml", text);
  return false;
}

/// The validation cases that stop learning early.
std::vector<Case> early_half(const Prepared& prepared) {
  std::vector<Case> half;
  for (const Case& c : prepared.val) {
    if (stops_early(prepared.log.listeners[static_cast<size_t>(c.listener)])) half.push_back(c);
  }
  return half.empty() ? prepared.val : half;  // of a single listener both halves are the same
}

/// All that the two times of learning share.
class Learning {
 public:
  Learning(const Prepared& prepared, const RunRequest& request, const Configuration& configuration, TrackSignals signals, Trainer::Place place)
      : prepared_(prepared),
        request_(request),
        configuration_(configuration),
        signals_(std::move(signals)),
        place_(std::move(place)),
        refits_(configuration.training.learn_from == "fit" && configuration.training.refit_epochs > 0),
        first_(configuration.training.learn_from == "fit" ? Part::gate : Part::val),
        rows_(rows_of(prepared.log, refits_ ? Part::val : first_)),
        table_(prepared.log, configuration.plays.followed ? configuration.plays.followed_places : 0) {
    table_.tell(backbones().at(configuration.backbone).teller(configuration.backbone_section, prepared.artist, prepared.title));
    if (place_.processes->first()) write_rows(request.folder / "tracks.parquet", rows_, prepared);
  }

  Run run() {
    Run run{request_.folder.filename().string(), prepared_.protocol.name, prepared_.data_hash, "", {}, request_.seed, configuration_, model(first_), table_.teller(), {}};
    run.model->items().standardise();
    learn(*run.model, configuration_.within_budget(plays_before(prepared_.log, first_)), request_.folder);
    if (run.model->items().has_content() && configuration_.fusion_options.guard) run.heard = choose_parts(run);
    run.model->items().hear(run.heard);
    if (configuration_.training.learn_from == "fit" && place_.processes->first()) run.mix = mix(*run.model);
    if (!refits_) return run;
    const auto taught = weights_of(*run.model);
    run.model = model(Part::val);
    copy_into(weights_of(*run.model), taught, "the first time of learning");
    run.model->items().hear(run.heard);
    learn(*run.model, configuration_.of_refit(), request_.folder / "refit");
    return run;
  }
  const Json& metrics() const { return metrics_; }

 private:
  std::shared_ptr<SequenceModel> model(Part until) const {
    const auto made = make_model(configuration_, known_rows(rows_, prepared_.log, until), std::ssize(rows_.track), request_.seed, signals_);
    if (!configuration_.items.from.empty()) take_vectors(*made);
    made->to(request_.device);
    return made;
  }

  /// The vectors of another run, of the tracks that it knows; of others nothing is known where vectors don't learn.
  void take_vectors(SequenceModel& model) const {
    const Path from = configuration_.items.from;
    for (const char* file : {"tracks.parquet", "model.safetensors"}) {
      if (!std::filesystem::exists(from / file)) throw Error("items.from: {} is no run that was trained (it has no {})", from.string(), file);
    }
    int64_t known = 0;
    const auto row = read_rows(from / "tracks.parquet", prepared_.data_track, prepared_.artist, prepared_.title, known);
    const auto weights = read_tensors(from / "model.safetensors");
    const auto found = weights.find("items.ids");
    const at::NoGradGuard no_grad;
    Tensor& table = model.items().table();
    if (found == weights.end() || found->second.size(1) != table.size(1)) {
      throw Error("items.from: {} has no vectors of {} numbers (items.width)", from.string(), table.size(1));
    }
    if (configuration_.items.frozen) table.zero_();
    for (size_t r = 0; r < rows_.track.size(); ++r) {
      const int32_t other = row[static_cast<size_t>(rows_.track[r])];
      if (other >= 0) table[static_cast<int64_t>(r)].copy_(found->second[other]);
    }
  }

  void learn(SequenceModel& model, const Configuration& configuration, const Path& folder) {
    const Catalogue catalogue(prepared_.log.in_catalogue, prepared_.train_plays());
    Trainer trainer(model, table_, early_half(prepared_), catalogue, configuration, request_.seed, request_.device, {folder, place_.fingerprint, place_.processes});
    trainer.learn();
    const auto& best = trainer.best();
    metrics_["validation"] = {{"ndcg@10", best.ndcg_10}, {"recall@10", best.recall_10}, {"cases", best.cases}};
    metrics_["steps"] = metrics_.value("steps", int64_t{0}) + trainer.steps();
    metrics_["seconds"] = metrics_.value("seconds", 0.0) + trainer.seconds();
  }

  /// What the guard says of the parts of tracks; kept, and told to the other processes.
  HeardParts choose_parts(const Run& run) {
    const Path path = request_.folder / "parts.json";
    if (place_.processes->first() && !std::filesystem::exists(path)) {
      const auto choice = best_parts(prepared_, *run.model, table_, configuration_, request_.seed);
      note(fmt::format("hears: {}; {}", choice.name, choice.reason));
      Json json = to_json(choice.parts);
      json["name"] = choice.name;
      json["reason"] = choice.reason;
      json["evaluation"] = evaluation_json(choice.evaluation);
      write_file(path, json.dump(1) + "\n");
    }
    const Json chosen = Json::parse(place_.processes->take_from_first(place_.processes->first() ? read_file(path) : std::string()));
    metrics_["parts"] = chosen;
    return parts_of(chosen);
  }

  /// Learned with a model that has seen nothing of the part `gate`; kept, for it takes a while and the model goes on.
  LearnedGate mix(SequenceModel& model) const {
    const Path path = request_.folder / "mix.json";
    if (std::filesystem::exists(path)) return read_gate(path, Fused::clue_names());
    note("weighing the model and the counters");
    const VectorModel vectors = vector_model(model, table_, {.length = configuration_.windows.length});
    const auto learned = Fused::learn({prepared_.log, Part::val, request_.seed}, vectors, configuration_.mix);
    write_gate(path, learned, Fused::clue_names());
    return learned;
  }

  const Prepared& prepared_;
  const RunRequest& request_;
  const Configuration& configuration_;
  TrackSignals signals_;
  Trainer::Place place_;
  bool refits_;
  Part first_;
  Rows rows_;
  PlayTable table_;
  Json metrics_ = Json::object();
};

void write_metrics(const Path& path, Json metrics, const Shipped& shipped) {
  metrics["ships"] = shipped.what;
  metrics["reason"] = shipped.reason;
  if (!shipped.evaluation.rankers.empty()) metrics["guard"] = evaluation_json(shipped.evaluation);
  write_file(path, metrics.dump(1) + "\n");
}

Json metrics_of(const Path& metrics) {
  auto document = Json::parse(read_file(metrics), nullptr, false);
  if (!document.is_object() || !document.contains("ships")) throw Error("{}: damaged; remove it, and `segue train` ends the run anew", metrics.string());
  return document;
}

}  // namespace

bool stops_early(const std::string& listener) { return hash_of(listener) % 2 == 0; }

bool train_run(const Prepared& prepared, const RunRequest& request) {
  at::set_num_threads(1);  // threads are outside of operations: core/tensor_threads.h
  const Configuration configuration(request.config);
  const Processes processes(request.device);
  if (!processes.first()) set_quiet(true);
  YAML::Node whole = configuration.resolved();
  const auto signals = read_signals(prepared.folder, configuration.items.signals, prepared.data_track);
  whole["run"] = header_of(prepared, request, signals);
  const std::string text = text_of(whole);
  const bool learned = processes.first() && begin_folder(request.folder, text);
  if (processes.take_from_first(std::string(learned ? "learned" : "")) == "learned") return processes.first();

  Learning learning(prepared, request, configuration, signals, {request.folder, fmt::format("{:016x}", hash_of(text)), &processes});
  const Run run = learning.run();
  if (!processes.first()) return false;
  write_tensors(request.folder / "model.safetensors", weights_of(*run.model), {{"format", "pt"}});
  run.model->backbone().write_beside(request.folder);
  const Shipped shipped = guard(prepared, run, request.seed);
  note(fmt::format("ships: {}; {}", shipped.what, shipped.reason));
  Json metrics = learning.metrics();
  if (run.model->finish() != nullptr) {
    const FinishResult finish = guarded_finish(prepared, run, request.seed);
    note(finish_text(finish));
    metrics["finish"] = to_json(finish);
  }
  write_metrics(request.folder / "metrics.json", std::move(metrics), shipped);
  write_model_card(request.folder, request.folder);
  for (const Path& folder : {request.folder, request.folder / "refit"}) {
    for (const char* name : {"checkpoint.safetensors", "best.safetensors"}) std::filesystem::remove(folder / name);
  }
  return true;
}

Run load_run(const Path& folder, const FolderTracks& tracks, at::Device device) {
  if (!std::filesystem::exists(folder / "config.yaml")) throw Error("{}: no run here (it has no config.yaml)", folder.string());
  if (!std::filesystem::exists(folder / "metrics.json")) throw Error("{}: its training was not finished; `segue train` goes on with it", folder.string());
  YAML::Node config = read_config((folder / "config.yaml").string(), {});
  const YAML::Node header = config["run"];
  config.remove("run");
  int64_t rows = 0;
  auto row = read_rows(folder / "tracks.parquet", tracks.number, tracks.artist, tracks.title, rows);
  const Json metrics = metrics_of(folder / "metrics.json");
  Run run{folder.filename().string(), header["protocol"].as<std::string>(""), header["data_hash"].as<std::string>(""), metrics.at("ships").get<std::string>(), {}, header["seed"].as<uint64_t>(1), Configuration(config), {}, {}, {}};
  if (std::filesystem::exists(folder / "mix.json")) run.mix = read_gate(folder / "mix.json", Fused::clue_names());
  if (run.name.empty()) run.name = folder.parent_path().filename().string();
  run.model = make_model(run.configuration, std::move(row), rows, run.seed, signals_of(run.configuration, header, tracks, folder));
  copy_into(weights_of(*run.model), read_tensors(folder / "model.safetensors"), (folder / "model.safetensors").string());
  if (metrics.contains("parts")) run.heard = parts_of(metrics.at("parts"));
  run.model->items().hear(run.heard);
  run.model->to(device);
  run.teller = backbones().at(run.configuration.backbone).teller(run.configuration.backbone_section, tracks.artist, tracks.title);
  return run;
}

OpenRun::OpenRun(Run run, const Log& log, std::function<Recollection*(int32_t who)> recollection)
    : run_(std::move(run)),
      table_(log, run_.configuration.plays.followed ? run_.configuration.plays.followed_places : 0),
      recollection_(std::move(recollection)),
      model_(hearing(run_.heard)) {
  table_.tell(run_.teller);
}

VectorModel OpenRun::hearing(const HeardParts& parts) const {
  run_.model->items().hear(parts);
  auto made = vector_model(*run_.model, table_, {.length = run_.configuration.windows.length, .recollection = recollection_});
  made.name = run_.name;
  return made;
}

std::unique_ptr<Ranker> OpenRun::by_itself(std::span<const Asked> asked) const { return std::make_unique<VectorRanker>(model_, asked); }

std::unique_ptr<Ranker> OpenRun::mixed(const Lesson& lesson, std::span<const Asked> asked) const {
  return std::make_unique<Fused>(lesson, model_, *run_.mix, asked, run_.configuration.mix);
}

std::unique_ptr<Ranker> OpenRun::shipped(const Lesson& lesson, std::span<const Asked> asked) const {
  if (run_.ships == "counters") return std::make_unique<Counters>(lesson);
  return run_.ships == "mix" && run_.mix ? mixed(lesson, asked) : by_itself(asked);
}

}  // namespace segue
