#include "encoders/mfcc.h"

#include <ATen/ops/empty.h>

#include <stdexcept>

#include "core/error.h"
#include "encoders/heard_wave.h"

namespace segue {
namespace {

const Mfcc::Options& checked(const Mfcc::Options& options) {
  if (options.coefficients < 1 || options.coefficients > options.bands) {
    throw Error("mfcc: {} coefficients of {} mel bands; 1 to {} would work", options.coefficients, options.bands, options.bands);
  }
  if (options.sample_rate_hz < 1 || options.hop < 1) throw Error("mfcc: sample_rate_hz and hop must be at least 1");
  if (options.window < 4 || Fourier::length_for(options.window) != options.window) {
    throw Error("mfcc: a window of {} samples; {} would work", options.window, Fourier::length_for(options.window));
  }
  return options;
}

}  // namespace

Mfcc::Mfcc(const Options& options)
    : options_(checked(options)),
      spectra_({.window = options.window, .hop = options.hop}),
      mel_({.bands = options.bands}, options.sample_rate_hz, options.window) {}

double Mfcc::shortest_s() const { return static_cast<double>(options_.window) / options_.sample_rate_hz; }

std::string Mfcc::space() const {
  return fmt::format("mfcc {} {} {} {} {}", options_.coefficients, options_.sample_rate_hz, options_.window, options_.hop, options_.bands);
}

Tensor Mfcc::frames(const Tensor& wave) const {
  const Tensor heard = heard_wave(*this, wave);
  Eights mel = mel_.of(spectra_, samples_of(heard));
  to_decibels(mel);
  const Eights rows = cepstrum(mel, options_.coefficients);
  const Tensor all = at::empty({rows.rows(), rows.width()});
  rows.copy_to(all.mutable_data_ptr<float>());
  return all;
}

}  // namespace segue
