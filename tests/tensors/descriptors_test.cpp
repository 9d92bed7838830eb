// MFCC and the 63 descriptors of a wave that is written down here, beside what librosa 0.11 says of it.
#include "encoders/descriptors.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "audio/frame_kernels.h"
#include "core/error.h"
#include "encoders/mfcc.h"

namespace segue {
namespace {

/// Six seconds of a tone that swells, over noise that beats twice a second.
std::vector<float> swelling_tone() {
  std::vector<float> wave;
  uint32_t state = 1;
  for (int i = 0; i < 6 * 22050; ++i) {
    state = state * 1664525U + 1013904223U;
    const double noise = state / 4294967296.0 - 0.5, t = i / 22050.0, beat = std::exp(-40 * std::fmod(t, 0.5));
    const double tone = 0.4 * std::sin(2 * std::numbers::pi * 220 * t) * (0.6 + 0.4 * std::sin(4 * std::numbers::pi * t));
    wave.push_back(static_cast<float>(tone + (0.02 + 0.5 * beat) * noise));
  }
  return wave;
}

// both = lambda x: np.concatenate([x.mean(-1), x.std(-1)]), of librosa.feature's mfcc(y=y, n_mfcc=20), spectral_centroid(y=y),
// spectral_contrast(y=y), spectral_rolloff(y=y), rms(y=y), zero_crossing_rate(y); then tempo(y=y)
const std::vector<float> wanted = {
    -243.24762F, 15.856193F, 18.912271F, 17.023857F, 14.033103F, 11.123061F, 7.2087498F, 3.1136763F, -0.19369224F,
    -3.7971079F, -6.8729081F, -9.9889584F, -13.034568F, -14.921364F, -16.895742F, -18.201305F, -18.204632F, -17.835987F,
    -15.721373F, -13.530927F, 77.924492F, 7.8645911F, 5.9466529F, 5.1388907F, 4.940609F, 4.4172177F, 4.0111222F, 3.6187522F,
    3.2984567F, 3.1268911F, 3.0759652F, 3.701256F, 4.19104F, 4.0745821F, 4.0608196F, 4.4801521F, 4.8120584F, 4.8128319F,
    4.9289923F, 3.9435771F, 2862.1606F, 976.29286F, 13.736138F, 31.6653F, 11.767264F, 12.045132F, 13.204991F, 13.564691F,
    13.437284F, 4.0161972F, 4.4690221F, 2.8281296F, 1.8334368F, 1.5999713F, 1.132381F, 0.90815307F, 7222.8931F, 1391.1014F,
    0.17316121F, 0.075252131F, 0.030754178F, 0.015087712F, 117.45384F};

TEST(Descriptors, AreWhatLibrosaSays) {
  const auto wave = swelling_tone();
  const Tensor got = Descriptors({}).frames(tensor_of(wave, {std::ssize(wave)}));
  ASSERT_EQ(got.sizes(), at::IntArrayRef({1, Descriptors::numbers}));
  const auto numbers = floats_of(got);
  ASSERT_EQ(numbers.size(), wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i) {
    const double tolerance = i < 40 ? 1e-3 : 1e-4 * std::abs(wanted[i]);
    EXPECT_NEAR(numbers[i], wanted[i], tolerance) << i;
  }
  EXPECT_FLOAT_EQ(numbers.back(), wanted.back());  // one of few tempi
}

TEST(Descriptors, BeginWithTheMomentsOfMfcc) {
  const auto wave = swelling_tone();
  const Tensor tensor = tensor_of(wave, {std::ssize(wave)}), row = Descriptors({}).frames(tensor)[0];
  const Tensor frames = Mfcc({.coefficients = 20}).frames(tensor);
  EXPECT_LT((row.narrow(0, 0, 20) - frames.mean(0)).abs().max().item<double>(), 1e-4);
  EXPECT_LT((row.narrow(0, 20, 20) - frames.std(0, false)).abs().max().item<double>(), 1e-4);
}

TEST(Descriptors, OfSilenceAndOfAStandingWaveAreFinite) {
  for (const float level : {0.0F, 0.5F, -1.0F}) {
    const Tensor wave = at::zeros({6 * 22050}) + level, row = Descriptors({}).frames(wave);
    EXPECT_TRUE(row.isfinite().all().item<bool>()) << level;
    EXPECT_NEAR(row[0][62].item<double>(), 120, 5) << level;  // where there is no beat, what is likely
    EXPECT_TRUE(Mfcc({}).frames(wave).isfinite().all().item<bool>()) << level;
  }
  const Tensor silent = Descriptors({}).frames(at::zeros({6 * 22050}))[0];
  EXPECT_EQ(silent.narrow(0, 42, 20).abs().max().item<double>(), 0);
}

TEST(Descriptors, RefuseWhatIsTooShortOrNotFinite) {
  EXPECT_THROW(Descriptors({}).frames(at::rand({5 * 22050 - 1})), std::invalid_argument);
  EXPECT_THROW(Descriptors({}).frames(at::rand({1, 5 * 22050})), std::invalid_argument);
  EXPECT_THROW(Descriptors({}).frames(at::rand({5 * 22050}).to(at::kDouble)), std::invalid_argument);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -1e20F}) {
    const Tensor wave = at::rand({6 * 22050});
    wave[777] = bad;
    EXPECT_THROW(Descriptors({}).frames(wave), Error) << bad;
    EXPECT_THROW(Mfcc({}).frames(wave), Error) << bad;
  }
  EXPECT_THROW(Descriptors({.sample_rate_hz = 8000}), Error);
}

TEST(Mfcc, GivesARowForEachHop) {
  const Mfcc mfcc({.coefficients = 13});
  for (const int64_t samples : {2048, 4095, 4096, 22050}) {
    EXPECT_EQ(mfcc.frames(at::rand({samples})).sizes(), at::IntArrayRef({1 + samples / 512, 13}));
  }
  EXPECT_THROW(mfcc.frames(at::rand({2047})), std::invalid_argument);
}

TEST(Mfcc, SaysWhatItDependsOn) {
  EXPECT_EQ(Mfcc({}).space(), Mfcc({}).space());
  EXPECT_NE(Mfcc({}).space(), Mfcc({.coefficients = 20}).space());
  EXPECT_NE(Mfcc({}).space(), Mfcc({.hop = 256}).space());
  EXPECT_THROW(Mfcc({.coefficients = 129}), Error);
  EXPECT_THROW(Mfcc({.window = 2 * 1021}), Error);
}

// The loops for this processor beside the plain ones, over numbers without a pattern.
TEST(FrameKernels, AreThePlainOnes) {
  const auto wave = swelling_tone();
  const FrameKernels &fast = frame_kernels(), &plain = frame_kernels_plain();
  constexpr int64_t n = 1000;
  const float* starts[8];
  for (size_t l = 0; l < 8; ++l) starts[l] = wave.data() + 137 * l;
  std::vector<float> a(8 * n), b(8 * n);
  const auto same = [&](float tolerance, const char* what) {
    for (size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], tolerance * (1 + std::abs(b[i]))) << what << " " << i;
  };
  fast.windowed(starts, wave.data() + 5000, n - 3, a.data());
  plain.windowed(starts, wave.data() + 5000, n - 3, b.data());
  same(1e-7F, "windowed");
  EXPECT_EQ(b[8 * 5 + 3], starts[3][5] * wave[5005]);
  for (float& x : a) x = std::abs(x);
  b = a;
  fast.logarithms({}, a.data(), 8 * n);
  for (size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>(10 * std::log10(std::max(1e-10, static_cast<double>(b[i]))));
  same(2e-7F, "logarithms");
  for (const int64_t k : {1, 4, 9, 13}) {
    std::vector<float> low(8), high(8), rows(wave.begin(), wave.begin() + 8 * 100);
    fast.extremes(rows.data(), 100, k, low.data(), high.data());
    std::vector<float> lane;
    for (size_t i = 0; i < 100; ++i) lane.push_back(rows[8 * i + 2]);
    std::sort(lane.begin(), lane.end());
    double least = 0, most = 0;
    for (int64_t i = 0; i < k; ++i) {
      least += lane[static_cast<size_t>(i)];
      most += lane[static_cast<size_t>(99 - i)];
    }
    EXPECT_NEAR(low[2], least / static_cast<double>(k), 1e-6);
    EXPECT_NEAR(high[2], most / static_cast<double>(k), 1e-6);
  }
}

}  // namespace
}  // namespace segue
