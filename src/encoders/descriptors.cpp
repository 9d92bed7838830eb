#include "encoders/descriptors.h"

#include <ATen/ops/empty.h>

#include <cmath>

#include "audio/frame_kernels.h"
#include "audio/tempo.h"
#include "core/error.h"
#include "encoders/heard_wave.h"

namespace segue {
namespace {

constexpr int64_t coefficients = 20;
constexpr int lowest_rate_hz = 13000;  // the last contrast begins at 6400 Hz

const Descriptors::Options& checked(const Descriptors::Options& options) {
  if (options.sample_rate_hz < lowest_rate_hz) throw Error("descriptors: a sample rate of {} Hz; {} or more would work", options.sample_rate_hz, lowest_rate_hz);
  return options;
}

/// Means of the columns, or their deviations, one behind the other.
struct Moments {
  std::vector<double> mean, deviation;
};

Moments moments_of(const Eights& rows) {
  Moments all;
  const auto count = static_cast<double>(rows.rows());
  for (int64_t c = 0; c < rows.width(); ++c) {
    double sum = 0, squares = 0;
    for (int64_t t = 0; t < rows.rows(); ++t) sum += rows.at(t, c);
    const double mean = sum / count;
    for (int64_t t = 0; t < rows.rows(); ++t) squares += (rows.at(t, c) - mean) * (rows.at(t, c) - mean);
    all.mean.push_back(mean);
    all.deviation.push_back(std::sqrt(squares / count));
  }
  return all;
}

/// What one reading of the spectrum gives.
struct Frames {
  explicit Frames(int64_t count) : mel(count, 128), places(count, SpectralPlaces::width), peaks(count, SpectralContrast::bands), valleys(count, SpectralContrast::bands) {}
  Eights mel, places, peaks, valleys;
};

class Row {
 public:
  explicit Row(float* into) : into_(into) {}
  void add(const std::vector<double>& numbers) {
    for (const double x : numbers) *into_++ = static_cast<float>(x);
  }
  void add_column(const Moments& of, size_t column) { add({of.mean[column], of.deviation[column]}); }

 private:
  float* into_;
};

}  // namespace

Descriptors::Descriptors(const Options& options)
    : options_(checked(options)), spectra_({}), mel_({}, options.sample_rate_hz, 2048), contrast_(options.sample_rate_hz, 2048) {}

std::string Descriptors::space() const { return fmt::format("descriptors {} {}", numbers, options_.sample_rate_hz); }

Tensor Descriptors::frames(const Tensor& wave) const {
  const Tensor heard = heard_wave(*this, wave);
  const auto samples = samples_of(heard);
  Frames frames(spectra_.frames(std::ssize(samples)));
  SpectralPlaces places(options_.sample_rate_hz, spectra_.options().window);
  AlignedArray<float> magnitudes(static_cast<size_t>(8 * spectra_.bins()));
  spectra_.each(samples, [&](int64_t block, const float* power) {
    mel_.of(power, frames.mel.block(block));
    frame_kernels().roots(power, 8 * spectra_.bins(), magnitudes.data());
    places.of(magnitudes.data(), frames.places.block(block));
    contrast_.of(magnitudes.data(), frames.peaks.block(block), frames.valleys.block(block));
  });
  to_decibels(frames.mel);
  const auto cepstra = moments_of(cepstrum(frames.mel, coefficients)), place = moments_of(frames.places), loud = moments_of(loudness(spectra_.options(), samples));
  const auto contrast = moments_of(SpectralContrast::in_decibels(std::move(frames.peaks), std::move(frames.valleys)));
  const Tensor all = at::empty({1, numbers});
  Row row(all.mutable_data_ptr<float>());
  row.add(cepstra.mean);
  row.add(cepstra.deviation);
  row.add_column(place, 0);
  row.add(contrast.mean);
  row.add(contrast.deviation);
  row.add_column(place, 1);
  row.add_column(loud, 0);
  row.add_column(loud, 1);
  row.add({tempo(onset_strength(frames.mel, spectra_.options()), options_.sample_rate_hz, spectra_.options().hop)});
  return all;
}

}  // namespace segue
