// musicnn with its published weights, beside numbers made by its plain definition; see the README of the oracles.
#include "encoders/musicnn.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "core/tensor_files.h"
#include "support/oracles.h"
#include "support/scratch.h"

namespace segue {
namespace {

double distance(const Tensor& a, const Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return a.sizes() == b.sizes() ? (a - b).abs().max().item<double>() : std::numeric_limits<double>::infinity();
}

std::span<const float> numbers_of(const Tensor& x) { return {x.const_data_ptr<float>(), static_cast<size_t>(x.numel())}; }

/// As read_tensors; waves in steps of 16 bits, which models never have, become numbers within ±1.
NamedTensors read_with_steps(const Path& file) {
  const std::string bytes = read_file(file);
  uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof(header));
  NamedTensors all;
  const auto json = nlohmann::json::parse(bytes.substr(8, header));
  for (const auto& [name, of] : json.items()) {
    if (name == "__metadata__") continue;
    const bool steps = of.at("dtype") == "I16";
    const Tensor numbers = at::empty(of.at("shape").get<std::vector<int64_t>>(), at::TensorOptions(steps ? at::kShort : at::kFloat));
    std::memcpy(numbers.mutable_data_ptr(), bytes.data() + 8 + header + of.at("data_offsets").at(0).get<size_t>(), numbers.nbytes());
    all.emplace(name, steps ? numbers.to(at::kFloat) / 32768 : numbers);
  }
  return all;
}

struct Convolution {
  Tensor image, kernel, bias, scale, shift;  // [T, F], [taps, wide, filters], [filters] thrice
  Rectified then() const { return {floats_of(bias), floats_of(scale), floats_of(shift)}; }

  /// As plain operations have it.
  Tensor peaks() const {
    const int64_t taps = kernel.size(0), before = (taps - 1) / 2;
    const Tensor padded = at::constant_pad_nd(image, {0, 0, before, taps - 1 - before}).unsqueeze(0).unsqueeze(0);
    const Tensor all = at::conv2d(padded, kernel.permute({2, 0, 1}).unsqueeze(1), bias).relu();  // [1, filters, T, places]
    return (all * scale.view({-1, 1, 1}) + shift.view({-1, 1, 1})).amax(3)[0].t();
  }
};

Convolution made_up(int64_t times, int64_t bands, int64_t taps, int64_t wide, int64_t filters) {
  return {at::randn({times, bands}), at::randn({taps, wide, filters}), at::randn({filters}), at::randn({filters}), at::randn({filters})};
}

TEST(PeakConvolution, OfBandsIsThatOfPlainOperations) {
  for (const auto& [times, bands, taps, wide, filters] : {std::tuple(187, 96, 7, 38, 204), std::tuple(187, 96, 7, 67, 20), std::tuple(5, 31, 3, 31, 9), std::tuple(1, 10, 4, 2, 1)}) {
    const auto it = made_up(times, bands, taps, wide, filters);
    const Tensor got = at::zeros({times, filters}), wanted = it.peaks();
    BandPeaks(numbers_of(it.kernel), taps, wide, bands, it.then()).of({it.image.const_data_ptr<float>(), times, bands}, {got.mutable_data_ptr<float>(), filters});
    EXPECT_LT(distance(got, wanted), 1e-6 * wanted.abs().max().item<double>()) << taps << " × " << wide;
  }
}

TEST(PeakConvolution, OfTimesIsThatOfPlainOperations) {
  for (const auto& [times, bands, taps, filters] : {std::tuple(187, 96, 128, 51), std::tuple(187, 96, 64, 3), std::tuple(187, 13, 33, 2), std::tuple(4, 1, 3, 1), std::tuple(1, 9, 1, 2)}) {
    const auto it = made_up(times, bands, taps, 1, filters);
    const Tensor got = at::zeros({times, filters}), wanted = it.peaks();
    TimePeaks(numbers_of(it.kernel), taps, times, it.then()).of({it.image.const_data_ptr<float>(), times, bands}, {got.mutable_data_ptr<float>(), filters});
    EXPECT_LT(distance(got, wanted), 2e-6 * wanted.abs().max().item<double>()) << taps;
  }
}

class RealMusicnn : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder / "config.json")) GTEST_SKIP() << "no models: name their folder in SEGUE_MODELS; it lacks musicnn";
  }
  /// A copy of the model with one weight changed: `change` gets its array, by name.
  template <class Change>
  void with_weights(const Change& change) {
    for (const char* name : {"config.json", "labels.json"}) std::filesystem::copy_file(folder / name, scratch.folder() / name);
    auto weights = read_tensors(folder / "model.safetensors");
    change(weights);
    write_tensors(scratch.folder() / "model.safetensors", weights);
  }
  std::string refusal() const {
    try {
      const Musicnn model(scratch.folder());
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  }
  const Path folder = models() / "musicnn";
  const at::NoGradGuard no_grad;
  const Scratch scratch;
};

TEST_F(RealMusicnn, GivesTheSameVectorsAndTags) {
  const Path file = oracles() / "real" / "musicnn.safetensors";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no oracles: name their folder in SEGUE_ORACLES";
  const auto wanted = read_with_steps(file);
  const Musicnn model(folder);
  const Tensor wave = wanted.at("signal");
  EXPECT_LT(distance(model.log_mel(wave).narrow(0, 0, wanted.at("logmel").numel() / 96).view_as(wanted.at("logmel")), wanted.at("logmel")), 1e-4);
  const Tensor frames = model.frames(wave), tags = model.tags(wave);
  EXPECT_LT(distance(frames, wanted.at("penultimate")), 1e-4);
  EXPECT_LT(distance(frames.mean(0), wanted.at("penultimate_mean")), 1e-4);
  EXPECT_LT(distance(tags, wanted.at("tags")), 1e-5);
  EXPECT_LT(distance(tags.mean(0), wanted.at("tags_mean")), 1e-5);
  EXPECT_EQ(frames.size(1), model.width());
  EXPECT_EQ(std::ssize(model.labels()), tags.size(1));
}

TEST_F(RealMusicnn, HearsWholePatchesOnly) {
  const Musicnn model(folder);
  const auto shortest = static_cast<int64_t>(model.shortest_s() * model.sample_rate_hz());
  EXPECT_EQ(model.frames(at::rand({shortest})).size(0), 1);
  EXPECT_EQ(model.frames(at::rand({2 * shortest})).size(0), 1);
  EXPECT_EQ(model.frames(at::rand({2 * shortest + 256})).size(0), 2);
  EXPECT_THROW(model.frames(at::rand({shortest - 1})), std::invalid_argument);
  EXPECT_THROW(model.frames(at::rand({2, shortest})), std::invalid_argument);
}

TEST_F(RealMusicnn, HearsSilenceAndRefusesWhatIsNotFinite) {
  const Musicnn model(folder);
  EXPECT_TRUE(model.frames(at::zeros({60000})).isfinite().all().item<bool>());
  EXPECT_TRUE(model.frames(at::zeros({60000}) + 1).isfinite().all().item<bool>());
  const Tensor broken = at::rand({60000});
  broken[1234] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(model.frames(broken), Error);
}

TEST_F(RealMusicnn, IsAnotherSpaceWithOtherWeights) {
  with_weights([](NamedTensors& weights) { weights.at("dense_1/bias") += 1; });
  EXPECT_NE(Musicnn(scratch.folder()).space(), Musicnn(folder).space());
  EXPECT_EQ(Musicnn(folder).space(), Musicnn(folder).space());
}

TEST_F(RealMusicnn, RefusesWeightsThatAreNotFinite) {
  with_weights([](NamedTensors& weights) { weights.at("conv2d_3/kernel")[1][0][0][2] = std::numeric_limits<float>::quiet_NaN(); });
  EXPECT_NE(refusal().find("'conv2d_3/kernel' has numbers that are not finite"), std::string::npos) << refusal();
}

TEST_F(RealMusicnn, RefusesAMissingWeight) {
  with_weights([](NamedTensors& weights) { weights.erase("batch_normalization_9/gamma"); });
  EXPECT_NE(refusal().find("no 'batch_normalization_9/gamma'"), std::string::npos) << refusal();
}

TEST_F(RealMusicnn, RefusesAWeightOfAnotherShape) {
  with_weights([](NamedTensors& weights) { weights.at("conv2d/bias") = at::zeros({203}); });
  EXPECT_NE(refusal().find("'conv2d/bias' is [203]"), std::string::npos) << refusal();
}

TEST_F(RealMusicnn, RefusesAConfigOfSomethingElse) {
  with_weights([](NamedTensors&) {});
  auto config = read_json(folder / "config.json");
  config["front_end"]["mel_scale"] = "htk";
  write_file(scratch.folder() / "config.json", config.dump());
  EXPECT_NE(refusal().find("mel_scale is \"htk\"; known: \"slaney\""), std::string::npos) << refusal();
  write_file(scratch.folder() / "config.json", R"({"model_type": "bert"})");
  EXPECT_NE(refusal().find("model_type is 'bert', not musicnn"), std::string::npos) << refusal();
}

}  // namespace
}  // namespace segue
