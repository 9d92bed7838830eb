#include "audio/fourier.h"

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>
#include <utility>

#include "audio/eight.h"

namespace segue {

/// A complex transform of half the length by steps that leave their output in order (Stockham), on pairs of a real and an
/// imaginary row.
struct FourierLoops {
  using Step = Fourier::Step;
  struct Pair {
    Eight re, im;
  };

  static SEGUE_INLINE void read(const float* x, int64_t at, Pair& out) {
    load(x + 16 * at, out.re);
    load(x + 16 * at + 8, out.im);
  }
  static SEGUE_INLINE void write(const Pair& x, float* into, int64_t at) {
    store(x.re, into + 16 * at);
    store(x.im, into + 16 * at + 8);
  }
  static SEGUE_INLINE void write_turned(const Pair& x, const float* turn, float* into, int64_t at) {
    const Pair turned{x.re * turn[0] - x.im * turn[1], x.re * turn[1] + x.im * turn[0]};
    write(turned, into, at);
  }

  static SEGUE_INLINE void butterfly(const Pair (&a)[2], Pair (&b)[2]) {
    b[0] = {a[0].re + a[1].re, a[0].im + a[1].im};
    b[1] = {a[0].re - a[1].re, a[0].im - a[1].im};
  }
  static SEGUE_INLINE void butterfly(const Pair (&a)[3], Pair (&b)[3]) {
    constexpr float s = std::numbers::sqrt3_v<float> / 2;
    const Pair sum{a[1].re + a[2].re, a[1].im + a[2].im};
    const Pair side{(a[1].im - a[2].im) * s, (a[2].re - a[1].re) * s};
    const Pair mid{a[0].re - sum.re * 0.5F, a[0].im - sum.im * 0.5F};
    b[0] = {a[0].re + sum.re, a[0].im + sum.im};
    b[1] = {mid.re + side.re, mid.im + side.im};
    b[2] = {mid.re - side.re, mid.im - side.im};
  }
  static SEGUE_INLINE void butterfly(const Pair (&a)[4], Pair (&b)[4]) {
    const Pair even{a[0].re + a[2].re, a[0].im + a[2].im}, less{a[0].re - a[2].re, a[0].im - a[2].im};
    const Pair odd{a[1].re + a[3].re, a[1].im + a[3].im}, side{a[1].im - a[3].im, a[3].re - a[1].re};
    b[0] = {even.re + odd.re, even.im + odd.im};
    b[1] = {less.re + side.re, less.im + side.im};
    b[2] = {even.re - odd.re, even.im - odd.im};
    b[3] = {less.re - side.re, less.im - side.im};
  }
  static SEGUE_INLINE void butterfly(const Pair (&a)[5], Pair (&b)[5]) {
    constexpr float c1 = 0.309016994374947424F, c2 = -0.809016994374947424F;  // cosines and sines of a fifth, of two fifths
    constexpr float s1 = 0.951056516295153572F, s2 = 0.587785252292473129F;
    const Pair p{a[1].re + a[4].re, a[1].im + a[4].im}, q{a[2].re + a[3].re, a[2].im + a[3].im};
    const Pair u{a[1].im - a[4].im, a[4].re - a[1].re}, v{a[2].im - a[3].im, a[3].re - a[2].re};
    const Pair mid1{a[0].re + p.re * c1 + q.re * c2, a[0].im + p.im * c1 + q.im * c2};
    const Pair mid2{a[0].re + p.re * c2 + q.re * c1, a[0].im + p.im * c2 + q.im * c1};
    const Pair side1{u.re * s1 + v.re * s2, u.im * s1 + v.im * s2}, side2{u.re * s2 - v.re * s1, u.im * s2 - v.im * s1};
    b[0] = {a[0].re + p.re + q.re, a[0].im + p.im + q.im};
    b[1] = {mid1.re + side1.re, mid1.im + side1.im};
    b[2] = {mid2.re + side2.re, mid2.im + side2.im};
    b[3] = {mid2.re - side2.re, mid2.im - side2.im};
    b[4] = {mid1.re - side1.re, mid1.im - side1.im};
  }

  template <int radix>
  static SEGUE_INLINE void step_of(const Step& step, const float* x, float* y) {
    const int64_t m = step.rest, s = step.stride;
    const float* turn = step.turns.data();
    const bool turns = !step.turns.empty();
    for (int64_t p = 0; p < m; ++p, turn += 2 * (radix - 1)) {
      for (int64_t q = 0; q < s; ++q) {
        Pair a[radix], b[radix];
#pragma GCC unroll 5
        for (int k = 0; k < radix; ++k) read(x, q + s * (p + k * m), a[k]);
        butterfly(a, b);
        const int64_t to = q + s * radix * p;
        write(b[0], y, to);
        if (turns) {
#pragma GCC unroll 5
          for (int k = 1; k < radix; ++k) write_turned(b[k], turn + 2 * (k - 1), y, to + s * k);
        } else {
#pragma GCC unroll 5
          for (int k = 1; k < radix; ++k) write(b[k], y, to + s * k);
        }
      }
    }
  }

  /// Returns the one of x and y in which the result is.
  static SEGUE_INLINE float* steps(const Fourier& plan, float* x, float* y) {
    for (const Step& step : plan.steps_) {
      if (step.radix == 4) step_of<4>(step, x, y);
      else if (step.radix == 2) step_of<2>(step, x, y);
      else if (step.radix == 3) step_of<3>(step, x, y);
      else step_of<5>(step, x, y);
      std::swap(x, y);
    }
    return x;
  }

  template <bool power>
  static SEGUE_INLINE void put(const Pair& x, float* out, int64_t bin) {
    if constexpr (power) {
      store(x.re * x.re + x.im * x.im, out + 8 * bin);
    } else {
      write(x, out, bin);
    }
  }

  /// From the transform of even and odd numbers as one complex series to that of the real one.
  template <bool power>
  static SEGUE_INLINE void forward_body(const Fourier& plan, float* series, float* room, float* out) {
    const float* z = steps(plan, series, room);
    const int64_t m = plan.half_;
    for (int64_t k = 0; 2 * k <= m; ++k) {
      Pair a, b;
      read(z, k, a);
      read(z, k == 0 ? 0 : m - k, b);
      const float c = 0.5F * plan.turns_[static_cast<size_t>(2 * k)], s = 0.5F * plan.turns_[static_cast<size_t>(2 * k + 1)];
      const Pair even{(a.re + b.re) * 0.5F, (a.im - b.im) * 0.5F}, odd{a.re - b.re, a.im + b.im};
      const Eight p = odd.im * c - odd.re * s, q = odd.re * c + odd.im * s;
      put<power>({even.re + p, even.im - q}, out, k);
      put<power>({even.re - p, -even.im - q}, out, m - k);
    }
  }

  static SEGUE_INLINE const float* backward_body(const Fourier& plan, const float* spectrum, float* series, float* room) {
    const int64_t m = plan.half_;
    for (int64_t k = 0; 2 * k <= m; ++k) {
      Pair a, b;
      read(spectrum, k, a);
      read(spectrum, m - k, b);
      const float c = plan.turns_[static_cast<size_t>(2 * k)], s = plan.turns_[static_cast<size_t>(2 * k + 1)];
      const Pair odd{a.re - b.re, a.im + b.im};
      const Eight p = odd.re * s + odd.im * c, q = odd.re * c - odd.im * s;
      // Real and imaginary parts change places: that turns the transform around.
      if (k > 0) write({b.im - a.im + q, a.re + b.re + p}, series, m - k);
      write({a.im - b.im + q, a.re + b.re - p}, series, k);
    }
    return steps(plan, series, room);
  }

  static void spectrum_plain(const Fourier& plan, float* x, float* room, float* out) { forward_body<false>(plan, x, room, out); }
  static void power_plain(const Fourier& plan, float* x, float* room, float* out) { forward_body<true>(plan, x, room, out); }
  static const float* series_plain(const Fourier& plan, const float* x, float* out, float* room) { return backward_body(plan, x, out, room); }
#ifdef __x86_64__
  SEGUE_AVX2 static void spectrum_avx2(const Fourier& plan, float* x, float* room, float* out) { forward_body<false>(plan, x, room, out); }
  SEGUE_AVX2 static void power_avx2(const Fourier& plan, float* x, float* room, float* out) { forward_body<true>(plan, x, room, out); }
  SEGUE_AVX2 static const float* series_avx2(const Fourier& plan, const float* x, float* out, float* room) { return backward_body(plan, x, out, room); }
#endif
};

namespace {

/// Radix by radix, the largest first; empty where a larger prime is left.
std::vector<int64_t> radices_of(int64_t length) {
  std::vector<int64_t> all;
  for (const int64_t radix : {4, 5, 3, 2}) {
    for (; length % radix == 0; length /= radix) all.push_back(radix);
  }
  return length == 1 ? all : std::vector<int64_t>();
}

void push_turn(std::vector<float>& into, double part) {
  const double angle = 2 * std::numbers::pi * part;
  into.push_back(static_cast<float>(std::cos(angle)));
  into.push_back(static_cast<float>(std::sin(angle)));
}

}  // namespace

Fourier::Fourier(int64_t length, bool plain) : half_(length / 2), wide_(!plain && has_avx2()) {
  const auto radices = length < 4 || length % 2 != 0 ? std::vector<int64_t>() : radices_of(half_);
  if (radices.empty()) throw std::invalid_argument("Fourier: a length of " + std::to_string(length) + "; wanted is twice a product of 2, 3 and 5");
  int64_t left = half_, stride = 1;
  for (const int64_t radix : radices) {
    Step step{radix, left / radix, stride, {}};
    for (int64_t p = 0; step.rest > 1 && p < step.rest; ++p) {
      for (int64_t k = 1; k < radix; ++k) push_turn(step.turns, -static_cast<double>(p * k) / static_cast<double>(left));
    }
    left = step.rest;
    stride *= radix;
    steps_.push_back(std::move(step));
  }
  for (int64_t k = 0; 2 * k <= half_; ++k) push_turn(turns_, static_cast<double>(k) / static_cast<double>(length));
}

int64_t Fourier::length_for(int64_t at_least) {
  int64_t half = at_least < 4 ? 2 : (at_least + 1) / 2;
  while (radices_of(half).empty()) ++half;
  return 2 * half;
}

#ifdef __x86_64__
#define SEGUE_CHOSEN(name) (wide_ ? FourierLoops::name##_avx2 : FourierLoops::name##_plain)
#else
#define SEGUE_CHOSEN(name) FourierLoops::name##_plain
#endif

void Fourier::spectrum(float* series, float* room, float* spectrum) const { SEGUE_CHOSEN(spectrum)(*this, series, room, spectrum); }
void Fourier::power(float* series, float* room, float* power) const { SEGUE_CHOSEN(power)(*this, series, room, power); }
const float* Fourier::series(const float* spectrum, float* series, float* room) const { return SEGUE_CHOSEN(series)(*this, spectrum, series, room); }

}  // namespace segue
