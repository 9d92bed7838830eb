#include "audio/spectra.h"

#include <cmath>
#include <cstring>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <string>

#include "audio/frame_kernels.h"

namespace segue {
namespace {

/// A window's samples from sample `begin` on, which may lie before the wave or behind its end.
void copy_window(std::span<const float> wave, int64_t begin, std::span<float> into) {
  const auto n = std::ssize(into), samples = std::ssize(wave);
  const int64_t from = std::clamp<int64_t>(begin, 0, samples), to = std::clamp<int64_t>(begin + n, from, samples);
  std::fill(into.begin(), into.end(), 0.0F);
  if (to > from) std::copy(wave.begin() + from, wave.begin() + to, into.begin() + (from - begin));
}

}  // namespace

std::vector<float> hann(int64_t length) {
  std::vector<float> window(static_cast<size_t>(length));
  for (int64_t i = 0; i < length; ++i) {
    window[static_cast<size_t>(i)] = static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(length)));
  }
  return window;
}

Spectra::Spectra(const Options& options) : options_(options), fourier_(options.window), window_(hann(options.window)) {
  if (options.hop < 1) throw std::invalid_argument("Spectra: a hop of " + std::to_string(options.hop) + " samples");
}

void Spectra::each(std::span<const float> wave, const std::function<void(int64_t, const float*)>& job) const {
  const FrameKernels& kernels = frame_kernels();
  const int64_t n = options_.window, samples = std::ssize(wave), count = frames(samples);
  AlignedArray<float> series(static_cast<size_t>(fourier_.size())), room(series.size()), power(static_cast<size_t>(8 * bins()));
  std::vector<float> edges;  // frames that are not inside the wave, and one of silence
  for (int64_t block = 0; 8 * block < count; ++block) {
    Starts starts;
    for (int64_t l = 0; l < 8; ++l) {
      const int64_t begin = (8 * block + l) * options_.hop - n / 2;
      if (begin >= 0 && begin + n <= samples) {
        starts[l] = wave.data() + begin;
        continue;
      }
      if (edges.empty()) edges.resize(static_cast<size_t>(8 * n));
      const std::span<float> edge(edges.data() + l * n, static_cast<size_t>(n));
      copy_window(8 * block + l < count ? wave : std::span<const float>(), begin, edge);
      starts[l] = edge.data();
    }
    kernels.windowed(starts, window_.data(), n, series.data());
    fourier_.power(series.data(), room.data(), power.data());
    job(block, power.data());
  }
}

Eights Spectra::power(std::span<const float> wave) const {
  Eights all(frames(std::ssize(wave)), bins());
  each(wave, [&](int64_t block, const float* power) { std::memcpy(all.block(block), power, static_cast<size_t>(8 * bins()) * sizeof(float)); });
  return all;
}

Eights loudness(const Spectra::Options& options, std::span<const float> wave) {
  const FrameKernels& kernels = frame_kernels();
  const int64_t samples = std::ssize(wave), half = options.window / 2, piece = std::gcd(half, options.hop), pieces = (samples + piece - 1) / piece;
  std::vector<float> squares(static_cast<size_t>(pieces)), crossings(squares.size());
  for (int64_t p = 0; p < pieces; ++p) {
    const int64_t begin = p * piece;
    const float before = wave[static_cast<size_t>(std::max<int64_t>(begin - 1, 0))];
    kernels.loudness(wave.data() + begin, std::min(piece, samples - begin), before, &squares[static_cast<size_t>(p)], &crossings[static_cast<size_t>(p)]);
  }
  const auto sign = [&](int64_t i) { return wave[static_cast<size_t>(i)] < -1e-10F; };
  Eights rows(1 + samples / options.hop, 2);
  for (int64_t t = 0; t < rows.rows(); ++t) {
    const int64_t begin = t * options.hop - half, first = std::max<int64_t>(begin, 0) / piece, last = std::min((begin + options.window) / piece, pieces);
    float square = 0, crossing = 0;
    for (int64_t p = first; p < last; ++p) {
      square += squares[static_cast<size_t>(p)];
      crossing += crossings[static_cast<size_t>(p)];
    }
    // A window doesn't know what was before its first sample.
    if (begin > 0 && begin < samples && sign(begin) != sign(begin - 1)) crossing -= 1;
    rows.block(t / 8)[t % 8] = std::sqrt(square / static_cast<float>(options.window));
    rows.block(t / 8)[8 + t % 8] = crossing / static_cast<float>(options.window);
  }
  return rows;
}

}  // namespace segue
