#include "audio/tempo.h"

#include <array>
#include <cmath>
#include <limits>

#include "audio/frame_kernels.h"

namespace segue {
namespace {

/// Half a length of a straight way from 0 on either side.
std::vector<float> with_ramps(std::span<const float> onsets, int64_t length) {
  const int64_t side = length / 2;
  std::vector<float> all(static_cast<size_t>(side));
  for (int64_t i = 0; i < side; ++i) all[static_cast<size_t>(i)] = onsets.front() * static_cast<float>(i) / static_cast<float>(side);
  all.insert(all.end(), onsets.begin(), onsets.end());
  for (int64_t i = side - 1; i >= 0; --i) all.push_back(onsets.back() * static_cast<float>(i) / static_cast<float>(side));
  return all;
}

/// The sum over all places of what the onsets around it are times themselves, some lag later, over the same without a lag:
/// float [length]. Transforms add up, so one goes back.
std::vector<float> likeness(std::span<const float> onsets, int64_t length) {
  const FrameKernels& kernels = frame_kernels();
  const Fourier fourier(Fourier::length_for(2 * length - 1));
  const auto window = hann(length), padded = with_ramps(onsets, length), silence = std::vector<float>(static_cast<size_t>(length));
  AlignedArray<float> series(static_cast<size_t>(fourier.size())), room(series.size()), power(static_cast<size_t>(8 * fourier.bins()));
  std::vector<float> sums(static_cast<size_t>(8 * fourier.bins()));
  const int64_t count = std::ssize(onsets);
  for (int64_t first = 0; first < count; first += 8) {
    Starts starts;
    for (int64_t l = 0; l < 8; ++l) starts[l] = first + l < count && first + l + length <= std::ssize(padded) ? padded.data() + first + l : silence.data();
    kernels.windowed(starts, window.data(), length, series.data());
    std::fill(series.data() + 8 * length, series.data() + series.size(), 0.0F);
    std::array<float, 8> whole{}, by{};
    for (int64_t i = 0; i < length; ++i) {
      for (size_t l = 0; l < 8; ++l) whole[l] += series.data()[8 * i + static_cast<int64_t>(l)] * series.data()[8 * i + static_cast<int64_t>(l)];
    }
    for (size_t l = 0; l < 8; ++l) by[l] = whole[l] > 1e-30F ? 1 / whole[l] : 0;
    fourier.power(series.data(), room.data(), power.data());
    kernels.add_scaled(power.data(), fourier.bins(), by.data(), sums.data());
  }
  AlignedArray<float> spectrum(static_cast<size_t>(16 * fourier.bins()));
  std::fill_n(spectrum.data(), spectrum.size(), 0.0F);
  for (int64_t b = 0; b < fourier.bins(); ++b) {
    for (int64_t l = 0; l < 8; ++l) spectrum.data()[16 * b] += sums[static_cast<size_t>(8 * b + l)];
  }
  const float* back = fourier.series(spectrum.data(), series.data(), room.data());
  std::vector<float> all;
  for (int64_t lag = 0; lag < length; ++lag) all.push_back(back[8 * (lag ^ 1)] / static_cast<float>(fourier.length()));
  return all;
}

}  // namespace

std::vector<float> onset_strength(const Eights& decibels, const Spectra::Options& options) {
  const int64_t later = options.window / (2 * options.hop), frames = decibels.rows();
  std::vector<float> all(static_cast<size_t>(decibels.blocks() * 8 + later));
  const std::vector<float> nothing(static_cast<size_t>(8 * decibels.width()));
  for (int64_t b = 0; b < decibels.blocks(); ++b) {
    float* rises = all.data() + 8 * b + later;
    frame_kernels().rises(b == 0 ? nothing.data() : decibels.block(b - 1), decibels.block(b), decibels.width(), rises);
    for (int64_t l = 0; l < 8; ++l) rises[l] /= static_cast<float>(decibels.width());
  }
  all[static_cast<size_t>(later)] = 0;  // the first has none before it
  all.resize(static_cast<size_t>(frames));
  return all;
}

double tempo(std::span<const float> onsets, int sample_rate_hz, int64_t hop) {
  constexpr double seconds = 8, fastest = 320, likely = 120;
  const int64_t length = static_cast<int64_t>(seconds * sample_rate_hz) / hop;
  const auto like = likeness(onsets, length);
  double best = -std::numeric_limits<double>::infinity(), found = likely;
  for (int64_t lag = 1; lag < length; ++lag) {
    const double a_minute = 60.0 * sample_rate_hz / static_cast<double>(hop * lag), octaves = std::log2(a_minute) - std::log2(likely);
    if (!(a_minute < fastest)) continue;
    const double mean = std::max(0.0F, like[static_cast<size_t>(lag)]) / static_cast<double>(onsets.size());
    const double worth = std::log1p(1e6 * mean) - 0.5 * octaves * octaves;
    if (worth > best) {
      best = worth;
      found = a_minute;
    }
  }
  return found;
}

}  // namespace segue
