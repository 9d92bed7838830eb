// What librosa says of two waves; see the README of the oracles.
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "audio/mel.h"
#include "audio/spectral_features.h"
#include "audio/tempo.h"
#include "core/tensor_files.h"
#include "support/oracles.h"

namespace segue {
namespace {

struct Wave {
  int sample_rate_hz = 0;
  std::vector<float> samples;
};

/// One channel of 16 bits, as Python's wave module writes it.
Wave read_wave(const Path& path) {
  const std::string bytes = read_file(path);
  const auto number = [&](size_t at, size_t length) {
    uint32_t value = 0;
    for (size_t i = 0; i < length; ++i) value |= static_cast<uint32_t>(static_cast<uint8_t>(bytes.at(at + i))) << (8 * i);
    return value;
  };
  Wave wave{static_cast<int>(number(24, 4)), {}};
  for (size_t at = 44; at + 2 <= bytes.size(); at += 2) wave.samples.push_back(static_cast<float>(static_cast<int16_t>(number(at, 2))) / 32768.0F);
  return wave;
}

/// [frames][width] → [width, frames], as librosa has it.
Tensor tensor_of(const Eights& rows) {
  const Tensor all = at::empty({rows.rows(), rows.width()});
  rows.copy_to(all.mutable_data_ptr<float>());
  return all.t();
}

/// The largest difference beside the largest number, and of each number that is not tiny beside itself.
struct Off {
  double whole, each;
};
Off off(const Tensor& got, const Tensor& wanted) {
  EXPECT_EQ(got.sizes(), wanted.sizes());
  if (got.sizes() != wanted.sizes()) return {INFINITY, INFINITY};
  const Tensor difference = (got - wanted).abs(), size = wanted.abs();
  const double most = size.max().item<double>();
  return {difference.max().item<double>() / most, (difference / size.clamp_min(1e-5 * most)).max().item<double>()};
}

std::vector<std::string> signals() {
  std::vector<std::string> names;
  if (!std::filesystem::exists(oracles() / "dsp")) return names;
  for (const auto& entry : std::filesystem::directory_iterator(oracles() / "dsp")) {
    if (entry.path().extension() == ".wav") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class SpectraOracle : public testing::Test {
 protected:
  void SetUp() override {
    if (signals().empty()) GTEST_SKIP() << "no oracles: name their folder in SEGUE_ORACLES";
  }
  /// Calls job for each signal there is.
  template <class Job>
  void each(const Job& job) {
    for (const auto& name : signals()) {
      SCOPED_TRACE(name);
      wave = read_wave(oracles() / "dsp" / (name + ".wav"));
      wanted = read_tensors(oracles() / "dsp" / (name + ".safetensors"));
      job();
    }
  }
  /// Numbers of each frame, from its power or its magnitudes.
  template <class Job>
  Tensor of_frames(int64_t width, bool magnitudes, const Job& job) const {
    Eights rows(spectra.frames(std::ssize(wave.samples)), width);
    std::vector<float> roots(static_cast<size_t>(8 * spectra.bins()));
    spectra.each(wave.samples, [&](int64_t block, const float* power) {
      for (size_t i = 0; i < roots.size(); ++i) roots[i] = magnitudes ? std::sqrt(power[i]) : power[i];
      job(roots.data(), rows.block(block));
    });
    return tensor_of(rows);
  }
  Eights decibels() const {
    Eights rows = MelBands({}, wave.sample_rate_hz, spectra.options().window).of(spectra, wave.samples);
    to_decibels(rows);
    return rows;
  }
  void expect_near(const char* name, const Tensor& got, double tolerance = 1e-4) const {
    const auto [whole, each] = off(got, wanted.at(name));
    EXPECT_LT(whole, tolerance) << name;
    EXPECT_LT(each, tolerance) << name;
  }

  const Spectra spectra{{}};
  Wave wave;
  NamedTensors wanted;
};

Tensor every(int64_t n, const Tensor& x, int64_t dim) { return x.slice(dim, 0, std::nullopt, n); }

TEST_F(SpectraOracle, GivesTheSamePower) {
  each([&] {
    const Tensor all = tensor_of(spectra.power(wave.samples));
    expect_near("power", every((all.size(1) + wanted.at("power").size(1) - 1) / wanted.at("power").size(1), all, 1));
  });
}

TEST_F(SpectraOracle, GivesTheSameMelBands) {
  each([&] {
    const MelBands mel({}, wave.sample_rate_hz, spectra.options().window);
    const Tensor filters = segue::tensor_of(mel.filters(), {mel.bands(), spectra.bins()});
    expect_near("mel_filters_128", every(8, filters, 1));
    expect_near("mel128", tensor_of(mel.of(spectra, wave.samples)));
  });
}

TEST_F(SpectraOracle, GivesTheSameLogMelAsMusicnnHears) {
  each([&] {
    if (wanted.count("musicnn_logmel") == 0) return;
    const Spectra small({.window = 512, .hop = 256});
    const MelBands mel({.bands = 96}, wave.sample_rate_hz, 512);
    expect_near("musicnn_filters", segue::tensor_of(mel.filters(), {96, 257}));
    // 1 + something tiny is as coarse as 1 is: near 0 nobody's logarithm is good to a part of itself.
    EXPECT_LT(off((tensor_of(mel.of(small, wave.samples)) * 10000 + 1).log10().t(), wanted.at("musicnn_logmel")).whole, 1e-5);
  });
}

TEST_F(SpectraOracle, GivesTheSameCepstrum) {
  each([&] {
    const Tensor got = tensor_of(cepstrum(decibels(), wanted.at("mfcc40").size(0)));
    ASSERT_EQ(got.sizes(), wanted.at("mfcc40").sizes());
    const double most = (got - wanted.at("mfcc40")).abs().max().item<double>();
    EXPECT_LT(most, 1e-3);
  });
}

TEST_F(SpectraOracle, GivesTheSameShapes) {
  each([&] {
    SpectralPlaces places(wave.sample_rate_hz, spectra.options().window);
    const Tensor two = of_frames(2, true, [&](const float* x, float* out) { places.of(x, out); });
    expect_near("centroid", two.narrow(0, 0, 1));
    expect_near("rolloff", two.narrow(0, 1, 1));
    const float bin_hz = static_cast<float>(wave.sample_rate_hz) / static_cast<float>(spectra.options().window);
    expect_near("bandwidth", of_frames(3, true, [&](const float* x, float* out) {
      places.of(x, out);
      spectral_bandwidth(x, spectra.bins(), bin_hz, out, out + 16);
    }).narrow(0, 2, 1));
    const Chroma chroma(wave.sample_rate_hz, spectra.options().window);
    expect_near("chroma", of_frames(12, false, [&](const float* x, float* out) { chroma.of(x, out); }));
  });
}

TEST_F(SpectraOracle, GivesTheSameLoudness) {
  each([&] {
    const Tensor two = tensor_of(loudness(spectra.options(), wave.samples));
    expect_near("rms", two.narrow(0, 0, 1));
    expect_near("zcr", two.narrow(0, 1, 1), 1e-6);
  });
}

TEST_F(SpectraOracle, GivesTheSameOnsetsAndTempo) {
  each([&] {
    const auto onsets = onset_strength(decibels(), spectra.options());
    expect_near("onset", segue::tensor_of(onsets, {std::ssize(onsets)}));
    EXPECT_EQ(static_cast<float>(tempo(onsets, wave.sample_rate_hz, spectra.options().hop)), wanted.at("tempo").item<float>());
  });
}

}  // namespace
}  // namespace segue
