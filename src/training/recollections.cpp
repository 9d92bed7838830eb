#include "training/recollections.h"

#include <fmt/format.h>
#include <xxhash.h>

#include "core/error.h"
#include "core/progress.h"
#include "core/tensor_files.h"

namespace segue {
namespace {

/// Of all that decides what a run's model makes of a play.
std::string hash_of_run(const Path& run) {
  std::string hash;
  for (const char* name : {"config.yaml", "model.safetensors"}) {
    if (!std::filesystem::exists(run / name)) throw Error("{}: no run here (it has no {})", run.string(), name);
    const std::string bytes = read_file(run / name);
    hash += fmt::format("{:016x}", XXH3_64bits(bytes.data(), bytes.size()));
  }
  return hash;
}

}  // namespace

Recollections::Recollections(const Path& folder, const Path& run) : folder_(folder), weights_(hash_of_run(run)) {}

Path Recollections::file_of(const std::string& listener) const {
  return folder_ / fmt::format("{:016x}.safetensors", XXH3_64bits(listener.data(), listener.size()));
}

Recollection& Recollections::of(const std::string& listener) {
  const auto [at, fresh] = known_.try_emplace(listener);
  Known& known = at->second;
  const Path file = file_of(listener);
  if (!fresh || !std::filesystem::exists(file)) return known.recollection;
  try {
    const Safetensors kept(file);
    const auto& said = kept.metadata();
    const auto is = [&](const char* what, const std::string& wanted) { return said.count(what) != 0 && said.at(what) == wanted; };
    if (!is("weights", weights_)) {
      note(fmt::format("{}: was made with another run's model; its plays are read anew", file.string()));
    } else if (is("listener", listener)) {
      known.recollection.plays = tensor_of(kept.at("plays"));
      known.recollection.inside = tensor_of(kept.at("inside"));
    }
  } catch (const Error& damaged) {
    note(fmt::format("{}; its plays are read anew", damaged.what()));
  }
  return known.recollection;
}

void Recollections::save() {
  std::filesystem::create_directories(folder_);
  for (auto& [listener, known] : known_) {
    if (known.written == known.recollection.read) continue;
    write_tensors(file_of(listener), {{"plays", known.recollection.plays}, {"inside", known.recollection.inside}}, {{"weights", weights_}, {"listener", listener}});
    known.written = known.recollection.read;
  }
}

}  // namespace segue
