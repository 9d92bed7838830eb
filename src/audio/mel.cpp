#include "audio/mel.h"

#include <cmath>
#include <numbers>
#include <stdexcept>

#include "audio/frame_kernels.h"

namespace segue {
namespace {

/// Slaney's scale: in steps of 200/3 Hz up to 1000 Hz, then 27 steps for a factor of 6.4.
constexpr double linear_step_hz = 200.0 / 3, knee_hz = 1000, knee_mel = knee_hz / linear_step_hz;
const double log_step = std::log(6.4) / 27;

double mel_of(double hz, MelBands::Scale scale) {
  if (scale == MelBands::Scale::htk) return 2595 * std::log10(1 + hz / 700);
  return hz < knee_hz ? hz / linear_step_hz : knee_mel + std::log(hz / knee_hz) / log_step;
}

double hz_of(double mel, MelBands::Scale scale) {
  if (scale == MelBands::Scale::htk) return 700 * (std::pow(10, mel / 2595) - 1);
  return mel < knee_mel ? mel * linear_step_hz : knee_hz * std::exp(log_step * (mel - knee_mel));
}

}  // namespace

MelBands::MelBands(const Options& options, int sample_rate_hz, int64_t window) : bins_(window / 2 + 1) {
  const double high_hz = options.high_hz > 0 ? options.high_hz : sample_rate_hz / 2.0;
  if (options.bands < 1 || !(options.low_hz < high_hz)) throw std::invalid_argument("MelBands: no bands, or none between its limits");
  const double low = mel_of(options.low_hz, options.scale), high = mel_of(high_hz, options.scale);
  std::vector<double> edge;
  for (int64_t i = 0; i < options.bands + 2; ++i) {
    edge.push_back(hz_of(low + (high - low) * static_cast<double>(i) / static_cast<double>(options.bands + 1), options.scale));
  }
  for (size_t i = 0; i < static_cast<size_t>(options.bands); ++i) {
    const double area = options.same_area ? 2 / (edge[i + 2] - edge[i]) : 1;
    int32_t begin = 0, end = 0;
    for (int32_t bin = 0; bin < bins_; ++bin) {
      const double hz = static_cast<double>(bin) * sample_rate_hz / static_cast<double>(window);
      const double up = (hz - edge[i]) / (edge[i + 1] - edge[i]), down = (edge[i + 2] - hz) / (edge[i + 2] - edge[i + 1]);
      const auto weight = static_cast<float>(std::min(up, down) * area);
      if (!(weight > 0)) continue;
      if (end == 0) begin = bin;
      end = bin + 1;
      weights_.push_back(weight);
    }
    begin_.push_back(begin);
    end_.push_back(end);
  }
}

void MelBands::of(const float* power, float* mel) const { frame_kernels().products({bands(), begin_.data(), end_.data(), weights_.data()}, power, mel); }

Eights MelBands::of(const Spectra& spectra, std::span<const float> wave) const {
  Eights mel(spectra.frames(std::ssize(wave)), bands());
  spectra.each(wave, [&](int64_t block, const float* power) { of(power, mel.block(block)); });
  return mel;
}

std::vector<float> MelBands::filters() const {
  std::vector<float> all(static_cast<size_t>(bands() * bins_));
  const float* weight = weights_.data();
  for (size_t i = 0; i < begin_.size(); ++i) {
    for (int64_t bin = begin_[i]; bin < end_[i]; ++bin) all[i * static_cast<size_t>(bins_) + static_cast<size_t>(bin)] = *weight++;
  }
  return all;
}

void to_decibels(Eights& x, const Decibels& how) {
  const FrameKernels& kernels = frame_kernels();
  constexpr float factor = 10 / std::numbers::ln10_v<float>;
  kernels.logarithms({.least = how.least, .factor = factor}, x.block(0), x.size());
  kernels.raise(x.block(0), x.size(), kernels.largest(x.block(0), x.size()) - how.range);
}

std::vector<float> cosines(int64_t count, int64_t n) {
  std::vector<float> all;
  const auto length = static_cast<double>(n);
  for (int64_t k = 0; k < count; ++k) {
    const double scale = std::sqrt((k == 0 ? 1 : 2) / length);
    for (int64_t i = 0; i < n; ++i) {
      all.push_back(static_cast<float>(scale * std::cos(std::numbers::pi * static_cast<double>(k * (2 * i + 1)) / (2 * length))));
    }
  }
  return all;
}

Eights cepstrum(const Eights& decibels, int64_t count) {
  const int64_t n = decibels.width();
  if (count < 1 || count > n) throw std::invalid_argument("cepstrum: more coefficients than bands, or none");
  const auto matrix = cosines(count, n);
  const std::vector<int32_t> begin(static_cast<size_t>(count), 0), end(begin.size(), static_cast<int32_t>(n));
  Eights rows(decibels.rows(), count);
  for (int64_t b = 0; b < rows.blocks(); ++b) frame_kernels().products({count, begin.data(), end.data(), matrix.data()}, decibels.block(b), rows.block(b));
  return rows;
}

}  // namespace segue
