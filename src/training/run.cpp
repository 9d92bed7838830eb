#include "training/run.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "core/options.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "core/random.h"

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

/// Rows of the table of ids: the tracks that are learned from, by number.
struct Rows {
  std::vector<int32_t> of_track;  // [N] -1 where it has none
  std::vector<int32_t> track;     // [rows]
};

Rows rows_of(const Log& log, Part until) {
  std::vector<uint8_t> played(static_cast<size_t>(log.tracks));
  for (size_t i = 0; i < log.track.size(); ++i) {
    if (log.part[i] < until) played[static_cast<size_t>(log.track[i])] = 1;
  }
  Rows rows{std::vector<int32_t>(played.size(), -1), {}};
  for (size_t j = 0; j < played.size(); ++j) {
    if (played[j] == 0) continue;
    rows.of_track[j] = static_cast<int32_t>(rows.track.size());
    rows.track.push_back(static_cast<int32_t>(j));
  }
  return rows;
}

void write_rows(const Path& path, const Rows& rows, const Prepared& prepared) {
  std::vector<int32_t> number;
  Texts artist, title;
  for (const int32_t j : rows.track) {
    number.push_back(prepared.data_track[static_cast<size_t>(j)]);
    artist.push_back(prepared.artist[static_cast<size_t>(j)]);
    title.push_back(prepared.title[static_cast<size_t>(j)]);
  }
  write_table(path, {{"track", number}, {"artist", artist}, {"title", title}});
}

YAML::Node header_of(const Prepared& prepared, const RunRequest& request) {
  YAML::Node run(YAML::NodeType::Map);
  run["protocol"] = prepared.protocol.name;
  run["data_hash"] = prepared.data_hash;
  run["seed"] = request.seed;
  return run;
}

void refuse_another(const Path& path, const std::string& text) {
  if (!std::filesystem::exists(path) || read_file(path) == text) return;
  throw Error("{}: holds a run of other data, settings or another seed; name another folder with --run", path.parent_path().string());
}

}  // namespace

bool stops_early(const std::string& listener) { return hash_of(listener) % 2 == 0; }

std::vector<Case> half_of(const Prepared& prepared, bool early) {
  std::vector<Case> half;
  for (const Case& c : prepared.val) {
    if (stops_early(prepared.log.listeners[static_cast<size_t>(c.listener)]) == early) half.push_back(c);
  }
  return half.empty() ? prepared.val : half;  // of a single listener both halves are the same
}

bool train_run(const Prepared& prepared, const RunRequest& request) {
  at::set_num_threads(1);  // threads are outside of operations: core/tensor_threads.h
  const Configuration configuration(request.config);
  const Processes processes(request.device);
  if (!processes.first()) set_quiet(true);
  YAML::Node whole = configuration.resolved();
  whole["run"] = header_of(prepared, request);
  const std::string text = text_of(whole);
  const Rows rows = rows_of(prepared.log, configuration.training.learn_from == "fit" ? Part::gate : Part::val);
  if (processes.first()) {
    std::filesystem::create_directories(request.folder);
    refuse_another(request.folder / "config.yaml", text);
    write_file(request.folder / "config.yaml", text);
    write_rows(request.folder / "tracks.parquet", rows, prepared);
  }
  const auto model = make_model(configuration, rows.of_track, std::ssize(rows.track), request.seed);
  model->to(request.device);
  const PlayTable table(prepared.log, configuration.plays.followed ? configuration.plays.followed_places : 0);
  const Catalogue catalogue(prepared.log.in_catalogue, prepared.train_plays());
  Trainer trainer(*model, table, half_of(prepared, true), catalogue, configuration, request.seed, request.device,
                  {request.folder, fmt::format("{:016x}", hash_of(text)), &processes});
  trainer.learn();
  if (!processes.first()) return false;
  write_tensors(request.folder / "model.safetensors", weights_of(*model), {{"format", "pt"}});
  const Json metrics{{"validation", {{"ndcg@10", trainer.best().ndcg_10}, {"recall@10", trainer.best().recall_10}, {"cases", trainer.best().cases}}},
                     {"steps", trainer.steps()}, {"seconds", trainer.seconds()}};
  write_file(request.folder / "metrics.json", metrics.dump(1) + "\n");
  return true;
}

Run load_run(const Path& folder, const std::vector<int32_t>& data_track, const Texts& artist, const Texts& title, at::Device device) {
  if (!std::filesystem::exists(folder / "config.yaml")) throw Error("{}: no run here (it has no config.yaml)", folder.string());
  if (!std::filesystem::exists(folder / "model.safetensors")) throw Error("{}: its training was not finished; `segue train` goes on with it", folder.string());
  YAML::Node config = read_config((folder / "config.yaml").string(), {});
  const YAML::Node header = config["run"];
  config.remove("run");
  Table table = read_table(folder / "tracks.parquet");
  const auto& number = values<int32_t>(table, "track");
  const Texts& artists = texts(table, "artist");
  const Texts& titles = texts(table, "title");
  std::unordered_map<int32_t, int32_t> row_of;
  for (size_t r = 0; r < number.size(); ++r) row_of.emplace(number[r], static_cast<int32_t>(r));
  std::vector<int32_t> row(data_track.size(), -1);
  size_t found = 0;
  for (size_t j = 0; j < row.size(); ++j) {
    const auto at = row_of.find(data_track[j]);
    if (at == row_of.end()) continue;
    const auto r = static_cast<size_t>(at->second);
    if (artists[r] != artist[j] || titles[r] != title[j]) throw Error("{}: learned from another data folder: track {} has another name there", folder.string(), data_track[j]);
    row[j] = at->second;
    ++found;
  }
  if (found == 0) throw Error("{}: learned from another data folder: none of its {} tracks is here", folder.string(), number.size());
  Run run{folder.filename().string(), header["protocol"].as<std::string>(""), header["data_hash"].as<std::string>(""), header["seed"].as<uint64_t>(1), Configuration(config), {}};
  if (run.name.empty()) run.name = folder.parent_path().filename().string();
  run.model = make_model(run.configuration, std::move(row), std::ssize(number), run.seed);
  copy_into(weights_of(*run.model), read_tensors(folder / "model.safetensors"), (folder / "model.safetensors").string());
  run.model->to(device);
  return run;
}

}  // namespace segue
