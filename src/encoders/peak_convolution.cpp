#include "encoders/peak_convolution.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "audio/eight.h"

namespace segue {

struct PeakLoops {
  static constexpr int64_t together = 4;  // times for which a weight is read once

  /// out [together][bins][2][8] = Σ over taps of weights · the image at that time; image [bins][times][2].
  static SEGUE_INLINE void band_products(const float* weights, const float* image, int64_t times, int64_t bins, int64_t taps, float* out) {
    for (int64_t bin = 0; bin < bins; ++bin, image += 2 * times) {
      Eight re[together] = {}, im[together] = {};
      const float* x = image;
      for (int64_t tap = 0; tap < taps; ++tap, weights += 16, x += 2) {
        Eight a, b;
        load(weights, a);
        load(weights + 8, b);
#pragma GCC unroll 4
        for (int j = 0; j < together; ++j) {
          re[j] += a * x[2 * j];
          im[j] += a * x[2 * j + 1];
          re[j] -= b * x[2 * j + 1];
          im[j] += b * x[2 * j];
        }
      }
#pragma GCC unroll 4
      for (int j = 0; j < together; ++j) {
        store(re[j], out + 16 * (j * bins + bin));
        store(im[j], out + 16 * (j * bins + bin) + 8);
      }
    }
  }

  /// out [bins][2][8] = x · a weight of each bin.
  static SEGUE_INLINE void time_products(const float* weights, const float* x, int64_t bins, float* out) {
    for (int64_t bin = 0; bin < bins; ++bin, x += 16, out += 16) {
      Eight re, im;
      load(x, re);
      load(x + 8, im);
      const float a = weights[2 * bin], b = weights[2 * bin + 1];
      store(re * a - im * b, out);
      store(im * a + re * b, out + 8);
    }
  }

  /// The largest of the first `count` numbers of each of the eight series.
  static SEGUE_INLINE void largest(const float* series, int64_t count, float* out) {
    Eight most;
    load(series + 8, most);  // number t lies in row t ^ 1
    for (int64_t t = 1; t < count; ++t) {
      Eight x;
      load(series + 8 * (t ^ 1), x);
      most = x > most ? x : most;
    }
    store(most, out);
  }

  /// most [count][8] = max(most, the first `count` numbers of the series).
  static SEGUE_INLINE void raise(const float* series, int64_t count, float* most) {
    for (int64_t t = 0; t < count; ++t) {
      Eight x, y;
      load(series + 8 * (t ^ 1), x);
      load(most + 8 * t, y);
      store(x > y ? x : y, most + 8 * t);
    }
  }

  static void band_products_plain(const float* w, const float* x, int64_t times, int64_t bins, int64_t taps, float* out) { band_products(w, x, times, bins, taps, out); }
  static void time_products_plain(const float* w, const float* x, int64_t bins, float* out) { time_products(w, x, bins, out); }
  static void largest_plain(const float* x, int64_t count, float* out) { largest(x, count, out); }
  static void raise_plain(const float* x, int64_t count, float* most) { raise(x, count, most); }
#ifdef __x86_64__
  SEGUE_AVX2 static void band_products_avx2(const float* w, const float* x, int64_t times, int64_t bins, int64_t taps, float* out) { band_products(w, x, times, bins, taps, out); }
  SEGUE_AVX2 static void time_products_avx2(const float* w, const float* x, int64_t bins, float* out) { time_products(w, x, bins, out); }
  SEGUE_AVX2 static void largest_avx2(const float* x, int64_t count, float* out) { largest(x, count, out); }
  SEGUE_AVX2 static void raise_avx2(const float* x, int64_t count, float* most) { raise(x, count, most); }
#define SEGUE_CHOSEN(name) (has_avx2() ? PeakLoops::name##_avx2 : PeakLoops::name##_plain)
#else
#define SEGUE_CHOSEN(name) PeakLoops::name##_plain
#endif
};

namespace {

/// The smallest answer is the largest of the filter's opposite.
float sign_of(const Rectified& then, int64_t filter) { return then.scale[static_cast<size_t>(filter)] < 0 ? -1.0F : 1.0F; }

float rectified(const Rectified& then, int64_t filter, float largest) {
  const auto k = static_cast<size_t>(filter);
  return then.scale[k] * std::max(0.0F, sign_of(then, filter) * largest + then.bias[k]) + then.shift[k];
}

void require(bool fits, const Rectified& then, int64_t filters) {
  const auto n = static_cast<size_t>(filters);
  if (!fits || then.bias.size() != n || then.scale.size() != n || then.shift.size() != n) throw std::invalid_argument("peaks of a convolution: sizes that don't go together");
}

/// Room for transforms.
struct Room {
  explicit Room(const Fourier& fourier) : series(static_cast<size_t>(fourier.size())), other(series.size()), spectrum(static_cast<size_t>(16 * fourier.bins())) {}
  AlignedArray<float> series, other, spectrum;
};

}  // namespace

BandPeaks::BandPeaks(std::span<const float> weights, int64_t taps, int64_t wide, int64_t bands, const Rectified& then)
    : taps_(taps), places_(bands - wide + 1), filters_(std::ssize(then.bias)), fourier_(Fourier::length_for(bands)), then_(then) {
  require(places_ > 0 && std::ssize(weights) == taps * wide * filters_, then, filters_);
  const int64_t groups = (filters_ + 7) / 8, bins = fourier_.bins();
  weights_ = AlignedArray<float>(static_cast<size_t>(groups * bins * taps * 16));
  Room room(fourier_);
  for (int64_t group = 0; group < groups; ++group) {
    for (int64_t tap = 0; tap < taps; ++tap) {
      std::fill_n(room.series.data(), room.series.size(), 0.0F);
      for (int64_t k = 8 * group; k < std::min(8 * group + 8, filters_); ++k) {
        const float scale = sign_of(then_, k) / static_cast<float>(fourier_.length());
        for (int64_t i = 0; i < wide; ++i) room.series.data()[8 * i + k % 8] = scale * weights[static_cast<size_t>((tap * wide + i) * filters_ + k)];
      }
      fourier_.spectrum(room.series.data(), room.other.data(), room.spectrum.data());
      for (int64_t bin = 0; bin < bins; ++bin) {  // the conjugate: a filter slides, it is not folded
        float* into = weights_.data() + ((group * bins + bin) * taps + tap) * 16;
        for (int64_t l = 0; l < 8; ++l) {
          into[l] = room.spectrum.data()[16 * bin + l];
          into[8 + l] = -room.spectrum.data()[16 * bin + 8 + l];
        }
      }
    }
  }
}

void BandPeaks::of(const TimesBands& image, const Answers& out) const {
  const int64_t T = image.times, bins = fourier_.bins(), before = (taps_ - 1) / 2, step = PeakLoops::together, padded = (T + step - 1) / step * step + taps_ - 1;
  const auto products = SEGUE_CHOSEN(band_products);
  const auto largest = SEGUE_CHOSEN(largest);
  Room room(fourier_);
  AlignedArray<float> spectra(static_cast<size_t>(bins * padded * 2)), answers(static_cast<size_t>(16 * step * bins));
  std::fill_n(spectra.data(), spectra.size(), 0.0F);
  for (int64_t first = 0; first < T; first += 8) {
    const int64_t count = std::min<int64_t>(8, T - first);
    std::fill_n(room.series.data(), room.series.size(), 0.0F);
    for (int64_t l = 0; l < count; ++l) {
      for (int64_t b = 0; b < image.bands; ++b) room.series.data()[8 * b + l] = image.numbers[(first + l) * image.bands + b];
    }
    fourier_.spectrum(room.series.data(), room.other.data(), room.spectrum.data());
    for (int64_t i = 0; i < 2 * bins; ++i) {
      for (int64_t l = 0; l < count; ++l) spectra.data()[2 * (i / 2 * padded + before + first + l) + i % 2] = room.spectrum.data()[8 * i + l];
    }
  }
  for (int64_t group = 0; 8 * group < filters_; ++group) {
    const float* weights = weights_.data() + group * bins * taps_ * 16;
    for (int64_t first = 0; first < T; first += step) {
      products(weights, spectra.data() + 2 * first, padded, bins, taps_, answers.data());
      for (int64_t t = first; t < std::min(first + step, T); ++t) {
        float most[8];
        largest(fourier_.series(answers.data() + 16 * (t - first) * bins, room.series.data(), room.other.data()), places_, most);
        for (int64_t k = 8 * group; k < std::min(8 * group + 8, filters_); ++k) out.numbers[t * out.stride + k] = rectified(then_, k, most[k % 8]);
      }
    }
  }
}

// Behind the image as many zeros as a filter reaches beyond its end, or before its beginning, for a transform goes in a circle.
TimePeaks::TimePeaks(std::span<const float> weights, int64_t taps, int64_t times, const Rectified& then)
    : filters_(std::ssize(then.bias)), fourier_(Fourier::length_for(times + taps / 2)), then_(then) {
  require(taps > 0 && taps <= fourier_.length() && std::ssize(weights) == taps * filters_, then, filters_);
  const int64_t bins = fourier_.bins(), before = (taps - 1) / 2, n = fourier_.length();
  Room room(fourier_);
  weights_.resize(static_cast<size_t>(filters_ * bins * 2));
  for (int64_t k = 0; k < filters_; ++k) {
    std::fill_n(room.series.data(), room.series.size(), 0.0F);
    const float scale = sign_of(then_, k) / static_cast<float>(n);
    for (int64_t i = 0; i < taps; ++i) room.series.data()[8 * ((i - before + n) % n)] = scale * weights[static_cast<size_t>(i * filters_ + k)];
    fourier_.spectrum(room.series.data(), room.other.data(), room.spectrum.data());
    for (int64_t bin = 0; bin < bins; ++bin) {
      weights_[static_cast<size_t>(2 * (k * bins + bin))] = room.spectrum.data()[16 * bin];
      weights_[static_cast<size_t>(2 * (k * bins + bin) + 1)] = -room.spectrum.data()[16 * bin + 8];
    }
  }
}

void TimePeaks::of(const TimesBands& image, const Answers& out) const {
  const int64_t T = image.times, bins = fourier_.bins(), groups = (image.bands + 7) / 8;
  const auto products = SEGUE_CHOSEN(time_products);
  const auto raise = SEGUE_CHOSEN(raise);
  Room room(fourier_);
  AlignedArray<float> spectra(static_cast<size_t>(groups * bins * 16)), most(static_cast<size_t>(8 * T));
  for (int64_t group = 0; group < groups; ++group) {
    std::fill_n(room.series.data(), room.series.size(), 0.0F);
    for (int64_t t = 0; t < T; ++t) {  // lanes behind the last band repeat it
      for (int64_t l = 0; l < 8; ++l) room.series.data()[8 * t + l] = image.numbers[t * image.bands + std::min(8 * group + l, image.bands - 1)];
    }
    fourier_.spectrum(room.series.data(), room.other.data(), spectra.data() + group * bins * 16);
  }
  for (int64_t k = 0; k < filters_; ++k) {
    std::fill_n(most.data(), most.size(), -INFINITY);
    for (int64_t group = 0; group < groups; ++group) {
      products(weights_.data() + 2 * k * bins, spectra.data() + group * bins * 16, bins, room.spectrum.data());
      raise(fourier_.series(room.spectrum.data(), room.series.data(), room.other.data()), T, most.data());
    }
    for (int64_t t = 0; t < T; ++t) out.numbers[t * out.stride + k] = rectified(then_, k, *std::max_element(most.data() + 8 * t, most.data() + 8 * t + 8));
  }
}

}  // namespace segue
