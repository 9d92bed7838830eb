// Vectors of sound made by the libraries of the networks' makers; see the README of the oracles.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "core/tensor_files.h"
#include "encoders/clap_audio.h"
#include "encoders/encodec.h"
#include "encoders/speech.h"
#include "support/oracles.h"

namespace segue {
namespace {

constexpr double tolerance = 5e-5;

double distance(const Tensor& a, const Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return a.sizes() == b.sizes() ? (a - b).abs().max().item<double>() : 1e9;
}

/// 16-bit steps as a wave.
Tensor wave_of(const Tensor& steps) { return steps.to(at::kFloat) / 32768; }

/// The folders of which config.json says that they are of one of these types.
std::vector<Path> folders_of(std::initializer_list<const char*> model_types) {
  std::vector<Path> found;
  const Path all = oracles() / "audio";
  if (!std::filesystem::exists(all)) return found;
  for (const auto& entry : std::filesystem::directory_iterator(all)) {
    if (!std::filesystem::exists(entry.path() / "expected.safetensors")) continue;
    const auto type = model_type_of(entry.path());
    if (std::find(model_types.begin(), model_types.end(), type) != model_types.end()) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

TEST(SpeechOracle, GivesTheSameNumbersAtEveryLayer) {
  const at::NoGradGuard no_grad;
  const auto folders = folders_of({"hubert", "mert_model", "wav2vec2", "data2vec-audio"});
  if (folders.empty()) GTEST_SKIP() << "no oracles: name their folder in SEGUE_ORACLES";
  const Tensor waves = wave_of(read_tensors(oracles() / "audio" / "wave_16k.safetensors").at("input"));
  for (const Path& folder : folders) {
    const SpeechNetwork network(folder);
    const auto encoder = open_speech(folder);
    const auto expected = read_tensors(folder / "expected.safetensors");
    for (int64_t row = 0; row < waves.size(0); ++row) {
      const Tensor prepared = network.prepared(waves[row]), convolutions = network.convolutions(prepared);
      for (const auto& [name, all] : expected) {
        const Tensor wanted = all[row];
        Tensor got;
        if (name == "normalised_head") got = prepared.narrow(0, 0, wanted.size(0));
        else if (name == "convolutions") got = convolutions.t();
        else if (name == "last_hidden_state") got = encoder->frames(waves[row]);
        else if (name == "mean") got = encoder->frames(waves[row]).mean(0);
        else if (name.starts_with("hidden_")) got = network.states(convolutions, std::stoll(name.substr(7)));
        else FAIL() << folder << ": what is " << name << "?";
        EXPECT_LT(distance(got, wanted), tolerance) << folder << ", " << name;
      }
    }
  }
}

TEST(EncodecOracle, GivesTheSameLatents) {
  const at::NoGradGuard no_grad;
  const auto folders = folders_of({"encodec"});
  if (folders.empty()) GTEST_SKIP() << "no oracles: name their folder in SEGUE_ORACLES";
  for (const Path& folder : folders) {
    const auto encoder = open_encodec(folder);
    const auto expected = read_tensors(folder / "expected.safetensors");
    const Tensor waves = wave_of(expected.at("input"));
    for (int64_t row = 0; row < waves.size(0); ++row) {
      const Tensor frames = encoder->frames(waves[row]);
      for (const auto& [name, all] : expected) {
        if (name == "latent") EXPECT_LT(distance(frames.t(), all[row]), tolerance) << folder;
        else if (name == "mean") EXPECT_LT(distance(frames.mean(0), all[row]), tolerance) << folder;
        else ASSERT_EQ(name, "input") << folder;
      }
    }
  }
}

TEST(ClapOracle, GivesTheSameFeaturesStatesAndVectors) {
  const at::NoGradGuard no_grad;
  const auto folders = folders_of({"clap", "clap_audio_model"});
  if (folders.empty()) GTEST_SKIP() << "no oracles: name their folder in SEGUE_ORACLES";
  for (const Path& folder : folders) {
    const ClapAudioNetwork network(folder);
    const auto expected = read_tensors(folder / "expected.safetensors");
    const Tensor wave = wave_of(expected.at("input")), features = network.features()(wave), states = network.states(features);
    for (const auto& [name, wanted] : expected) {
      Tensor got;
      if (name == "input") continue;
      if (name == "input_features") got = features.unsqueeze(0).unsqueeze(0);
      else if (name == "last_hidden_state") got = states.unsqueeze(0);
      else if (name == "audio_embeds") got = network.projected(states).unsqueeze(0);
      else if (name == "unit") got = open_clap(folder)->frames(wave);
      else FAIL() << folder << ": what is " << name << "?";
      EXPECT_LT(distance(got, wanted), tolerance) << folder << ", " << name;
    }
  }
}

}  // namespace
}  // namespace segue
