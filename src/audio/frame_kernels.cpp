#include "audio/frame_kernels.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "audio/eight.h"
#include "core/aligned_array.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace segue {
namespace {

SEGUE_INLINE void windowed_body(const float* const* starts, const float* window, int64_t n, float* out) {
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    Eight w, r[8];
    load(window + i, w);
#pragma GCC unroll 8
    for (int l = 0; l < 8; ++l) {
      load(starts[l] + i, r[l]);
      r[l] *= w;
    }
    transpose(r);
#pragma GCC unroll 8
    for (int l = 0; l < 8; ++l) store(r[l], out + 8 * (i + l));
  }
  for (; i < n; ++i) {
    for (int l = 0; l < 8; ++l) out[8 * i + l] = window[i] * starts[l][i];
  }
}

SEGUE_INLINE void logarithms_body(const FrameKernels::Logarithm& how, float* x, int64_t n) {
  const Eight least = Eight{} + how.least;
  for (int64_t i = 0; i < n; i += 8) {
    Eight y;
    load(x + i, y);
    y = y * how.scale + how.more;
    y = y < least ? least : y;
    logarithm(y);
    store(y * how.factor, x + i);
  }
}

SEGUE_INLINE float largest_body(const float* x, int64_t n) {
  Eight most;
  load(x, most);
  for (int64_t i = 8; i < n; i += 8) {
    Eight y;
    load(x + i, y);
    most = y > most ? y : most;
  }
  float each[8];
  store(most, each);
  return *std::max_element(each, each + 8);
}

SEGUE_INLINE void raise_body(float* x, int64_t n, float least) {
  const Eight low = Eight{} + least;
  for (int64_t i = 0; i < n; i += 8) {
    Eight y;
    load(x + i, y);
    store(y < low ? low : y, x + i);
  }
}

SEGUE_INLINE void products_body(const FrameKernels::Rows& matrix, const float* x, float* out) {
  const float* w = matrix.weights;
  for (int64_t r = 0; r < matrix.rows; ++r) {
    Eight sum[4] = {};
    const int64_t n = matrix.end[r] - matrix.begin[r];
    const float* from = x + 8 * matrix.begin[r];
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) {
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) {
        Eight y;
        load(from + 8 * (i + k), y);
        sum[k] += y * w[i + k];
      }
    }
    for (; i < n; ++i) {
      Eight y;
      load(from + 8 * i, y);
      sum[0] += y * w[i];
    }
    w += n;
    store((sum[0] + sum[1]) + (sum[2] + sum[3]), out + 8 * r);
  }
}

/// Sums go bin by bin, as a running sum does: the bin where it reaches a part of itself depends on how it was rounded.
SEGUE_INLINE void places_body(const float* magnitudes, int64_t bins, float part, float* room, float* mean, float* reached) {
  Eight sum = {}, moment = {};
  for (int64_t b = 0; b < bins; ++b) {
    Eight x;
    load(magnitudes + 8 * b, x);
    sum += x;
    moment += x * static_cast<float>(b);
    store(sum, room + 8 * b);
  }
  const Eight tiny = Eight{} + 1.17549435e-38F, one = Eight{} + 1.0F;
  store(moment / (sum < tiny ? one : sum), mean);
  const Eight enough = sum * part;
  EightInts below = {};
  for (int64_t b = 0; b < bins; ++b) {
    Eight x;
    load(room + 8 * b, x);
    below -= x < enough;
  }
  store(__builtin_convertvector(below, Eight), reached);
}

SEGUE_INLINE void spread_body(const float* magnitudes, int64_t bins, const float* mean, float* out) {
  Eight sum = {}, squares = {}, middle;
  load(mean, middle);
  for (int64_t b = 0; b < bins; ++b) {
    Eight x;
    load(magnitudes + 8 * b, x);
    const Eight off = middle - static_cast<float>(b);
    sum += x;
    squares += x * off * off;
  }
  const Eight tiny = Eight{} + 1.17549435e-38F, one = Eight{} + 1.0F;
  store(squares / (sum < tiny ? one : sum), out);
}

/// x takes its place in a list that is sorted, and the last leaves it.
SEGUE_INLINE void insert(const Eight& number, Eight* low, Eight* high, int64_t k) {
  Eight x = number, y = number;
#pragma GCC unroll 9
  for (int64_t j = 0; j < k; ++j) {
    const Eight less = x < low[j] ? x : low[j], more = y > high[j] ? y : high[j];
    x = x < low[j] ? low[j] : x;
    y = y > high[j] ? high[j] : y;
    low[j] = less;
    high[j] = more;
  }
}

SEGUE_INLINE void extremes_of(const float* x, int64_t n, int64_t k, Eight* low, Eight* high, float* low_mean, float* high_mean) {
  for (int64_t j = 0; j < k; ++j) {
    low[j] = Eight{} + INFINITY;
    high[j] = Eight{} - INFINITY;
  }
  for (int64_t i = 0; i < n; ++i) {
    Eight y;
    load(x + 8 * i, y);
    insert(y, low, high, k);
  }
  Eight least = {}, most = {};
  for (int64_t j = 0; j < k; ++j) {
    least += low[j];
    most += high[j];
  }
  store(least / static_cast<float>(k), low_mean);
  store(most / static_cast<float>(k), high_mean);
}

template <int k>
SEGUE_INLINE void extremes_few(const float* x, int64_t n, float* low_mean, float* high_mean) {
  Eight low[k], high[k];
  extremes_of(x, n, k, low, high, low_mean, high_mean);
}

SEGUE_INLINE void extremes_body(const float* x, int64_t n, int64_t k, float* low_mean, float* high_mean) {
  switch (k) {
    case 1: return extremes_few<1>(x, n, low_mean, high_mean);
    case 2: return extremes_few<2>(x, n, low_mean, high_mean);
    case 3: return extremes_few<3>(x, n, low_mean, high_mean);
    case 4: return extremes_few<4>(x, n, low_mean, high_mean);
    case 5: return extremes_few<5>(x, n, low_mean, high_mean);
    case 6: return extremes_few<6>(x, n, low_mean, high_mean);
    case 7: return extremes_few<7>(x, n, low_mean, high_mean);
    case 8: return extremes_few<8>(x, n, low_mean, high_mean);
    case 9: return extremes_few<9>(x, n, low_mean, high_mean);
    default: {
      AlignedArray<Eight> low(static_cast<size_t>(k)), high(static_cast<size_t>(k));  // a vector does not begin where lanes may
      extremes_of(x, n, k, low.data(), high.data(), low_mean, high_mean);
    }
  }
}

SEGUE_INLINE void add_scaled_body(const float* x, int64_t n, const float* by, float* sums) {
  Eight weight;
  load(by, weight);
  for (int64_t i = 0; i < n; ++i) {
    Eight y, sum;
    load(x + 8 * i, y);
    load(sums + 8 * i, sum);
    store(sum + y * weight, sums + 8 * i);
  }
}

SEGUE_INLINE float total(const Eight& x) {
  float each[8];
  store(x, each);
  return ((each[0] + each[1]) + (each[2] + each[3])) + ((each[4] + each[5]) + (each[6] + each[7]));
}

/// Below this a number has the sign of 0.
constexpr float nothing = -1e-10F;

SEGUE_INLINE void loudness_body(const float* x, int64_t n, float before, float* squares, float* crossings) {
  Eight sum = {};
  EightInts changes = {};
  float rest = 0, more = n > 0 && (x[0] < nothing) != (before < nothing) ? 1.0F : 0.0F;
  int64_t i = 0;
  for (; i + 9 <= n; i += 8) {
    Eight y, next;
    load(x + i, y);
    load(x + i + 1, next);
    sum += y * y;
    changes -= (y < nothing) ^ (next < nothing);
  }
  for (; i < n; ++i) {
    rest += x[i] * x[i];
    if (i + 1 < n && (x[i] < nothing) != (x[i + 1] < nothing)) more += 1.0F;
  }
  *squares = total(sum) + rest;
  *crossings = total(__builtin_convertvector(changes, Eight)) + more;
}

SEGUE_INLINE void rises_body(const float* before, const float* x, int64_t n, float* sums) {
  Eight sum = {};
  const Eight zero = {};
  for (int64_t i = 0; i < n; ++i) {
    Eight old, now;
    load(before + 8 * i, old);
    load(x + 8 * i, now);
    const Eight rise = now - __builtin_shufflevector(old, now, 7, 8, 9, 10, 11, 12, 13, 14);
    sum += rise > zero ? rise : zero;
  }
  Eight all;
  load(sums, all);
  store(all + sum, sums);
}

void roots_plain(const float* x, int64_t n, float* out) {
  for (int64_t i = 0; i < n; ++i) out[i] = std::sqrt(x[i]);
}

#define SEGUE_KERNELS(name, target)                                                                                                               \
  target void windowed_##name(const float* const* s, const float* w, int64_t n, float* out) { windowed_body(s, w, n, out); }                      \
  target void logarithms_##name(const FrameKernels::Logarithm& how, float* x, int64_t n) { logarithms_body(how, x, n); }                          \
  target float largest_##name(const float* x, int64_t n) { return largest_body(x, n); }                                                           \
  target void raise_##name(float* x, int64_t n, float least) { raise_body(x, n, least); }                                                         \
  target void products_##name(const FrameKernels::Rows& matrix, const float* x, float* out) { products_body(matrix, x, out); }                    \
  target void places_##name(const float* m, int64_t bins, float part, float* r, float* mean, float* at) { places_body(m, bins, part, r, mean, at); } \
  target void spread_##name(const float* m, int64_t bins, const float* mean, float* out) { spread_body(m, bins, mean, out); }                     \
  target void extremes_##name(const float* x, int64_t n, int64_t k, float* low, float* high) { extremes_body(x, n, k, low, high); }               \
  target void add_scaled_##name(const float* x, int64_t n, const float* by, float* sums) { add_scaled_body(x, n, by, sums); }                     \
  target void loudness_##name(const float* x, int64_t n, float before, float* s, float* c) { loudness_body(x, n, before, s, c); }                 \
  target void rises_##name(const float* before, const float* x, int64_t n, float* sums) { rises_body(before, x, n, sums); }                       \
  constexpr FrameKernels name{windowed_##name, roots_##name,  logarithms_##name, largest_##name,    raise_##name,    products_##name,              \
                              places_##name,   spread_##name, extremes_##name,   add_scaled_##name, loudness_##name, rises_##name};

SEGUE_KERNELS(plain, )
#ifdef __x86_64__
SEGUE_AVX2 void roots_avx2(const float* x, int64_t n, float* out) {
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) _mm256_storeu_ps(out + i, _mm256_sqrt_ps(_mm256_loadu_ps(x + i)));
  roots_plain(x + i, n - i, out + i);
}
SEGUE_KERNELS(avx2, SEGUE_AVX2)
#endif

}  // namespace

const FrameKernels& frame_kernels_plain() { return plain; }

const FrameKernels& frame_kernels() {
#ifdef __x86_64__
  if (has_avx2()) return avx2;
#endif
  return plain;
}

}  // namespace segue
