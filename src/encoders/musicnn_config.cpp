#include "encoders/musicnn_config.h"

#include <nlohmann/json.hpp>

#include "audio/fourier.h"
#include "core/error.h"

namespace segue {
namespace {

using Json = nlohmann::json;

Json read(const Path& file) {
  if (!std::filesystem::exists(file)) throw Error("{}: is not there; a folder with config.json, labels.json and model.safetensors would work", file.string());
  Json json = Json::parse(read_file(file), nullptr, false);
  if (json.is_discarded()) throw Error("{}: damaged", file.string());
  return json;
}

/// `name` must say this, if it says anything.
void require(const Json& json, const char* name, const Json& wanted, const std::string& where) {
  const auto found = json.find(name);
  if (found != json.end() && *found != wanted) throw Error("{}: {} is {}; known: {}", where, name, found->dump(), wanted.dump());
}

MusicnnConfig::Layer layer_of(const Json& json) {
  MusicnnConfig::Layer layer{json.at("conv"), json.at("bn"), json.at("kernel").at(0), json.at("kernel").at(1), json.at("filters"), false};
  layer.adds = json.value("residual", false);
  return layer;
}

void read_front_end(const Json& json, const std::string& where, MusicnnConfig& config) {
  config.sample_rate_hz = json.at("sampling_rate");
  config.window = json.at("n_fft");
  config.hop = json.at("hop_length");
  config.bands = json.at("n_mels");
  config.patch = json.at("patch_frames");
  config.low_hz = json.value("fmin", 0.0);
  config.high_hz = json.value("fmax", config.sample_rate_hz / 2.0);
  require(json, "center", true, where);
  require(json, "pad_mode", "constant", where);
  require(json, "power", 2.0, where);
  require(json, "window", "hann, periodic", where);
  require(json, "mel_scale", "slaney", where);
  require(json, "mel_norm", "slaney", where);
  require(json, "log", "log10(10000 * mel + 1)", where);
  require(json, "patch_hop_frames", config.patch, where);
}

void check(const MusicnnConfig& config, const std::string& where) {
  const auto refuse = [&](const char* what) { throw Error("{}: {}", where, what); };
  if (config.sample_rate_hz < 1 || config.hop < 1 || config.bands < 1 || config.patch < 1 || config.tags < 1) refuse("a size in it is below 1");
  if (config.window < 4 || Fourier::length_for(config.window) != config.window) refuse("n_fft has a prime factor above 5");
  if (!(config.low_hz >= 0 && config.low_hz < config.high_hz)) refuse("fmin is not below fmax");
  if (config.front.empty() || config.middle.empty()) refuse("no layers in front, or none in the middle");
  for (const auto& layer : config.front) {
    const bool rhythm = layer.wide == 1, fits = layer.wide >= 1 && layer.wide <= config.bands && (!rhythm || layer.taps <= config.patch);
    if (layer.taps < 1 || layer.filters < 1 || !fits) refuse("a kernel of the front does not fit into a patch");
  }
  for (const auto& layer : config.middle) {
    if (layer.taps < 1 || layer.taps % 2 == 0 || layer.filters < 1) refuse("a kernel of the middle is even, or empty");
  }
}

}  // namespace

MusicnnConfig read_musicnn_config(const Path& folder) {
  const Path file = folder / "config.json";
  const std::string where = file.string();
  const Json json = read(file);
  MusicnnConfig config;
  try {
    if (json.value("model_type", "") != "musicnn") throw Error("{}: model_type is '{}', not musicnn", where, json.value("model_type", ""));
    config.epsilon = json.value("batch_norm_epsilon", config.epsilon);
    config.tags = json.at("num_labels");
    read_front_end(json.at("front_end"), where, config);
    for (const auto& layer : json.at("network").at("front")) config.front.push_back(layer_of(layer));
    for (const auto& layer : json.at("network").at("middle")) config.middle.push_back(layer_of(layer));
  } catch (const Json::exception& bad) {
    throw Error("{}: not as the config.json of a musicnn should be: {}", where, bad.what());
  }
  check(config, where);
  return config;
}

std::vector<std::string> read_musicnn_labels(const Path& folder, int64_t tags) {
  const Path file = folder / "labels.json";
  try {
    auto labels = read(file).get<std::vector<std::string>>();
    if (std::ssize(labels) != tags) throw Error("{}: {} labels for {} tags", file.string(), labels.size(), tags);
    return labels;
  } catch (const Json::exception&) {
    throw Error("{}: damaged; it should be a list of {} labels", file.string(), tags);
  }
}

}  // namespace segue
