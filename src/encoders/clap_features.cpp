#include "encoders/clap_features.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/fft_rfft.h>
#include <ATen/ops/reflection_pad1d.h>
#include <ATen/ops/view_as_real.h>

#include <cmath>
#include <numbers>

#include "audio/mel.h"
#include "encoders/network_config.h"

namespace segue {
namespace {

/// double [bins, bands]
Tensor mel_filters(const MelBands::Options& options, int rate, int64_t window) {
  const auto filters = MelBands(options, rate, window).filters();
  return tensor_of(std::span<const float>(filters), {options.bands, window / 2 + 1}).t().to(at::kDouble).contiguous();
}

}  // namespace

ClapFeatures::ClapFeatures(const Path& folder, Mel mel) {
  const auto json = NetworkConfig::if_there(folder / "preprocessor_config.json");
  rate_ = static_cast<int>(json.size("sampling_rate", 48'000, 1000));
  samples_ = json.size("nb_max_samples", json.size("max_length_s", 10) * rate_);
  hop_ = json.size("hop_length", 480);
  fft_ = json.size("fft_window_size", 1024, 2);
  const auto padding = json.get("padding", std::string("repeatpad"));
  if (padding == "repeat") padding_ = Padding::repeat;
  else if (padding == "pad") padding_ = Padding::zeros;
  else if (padding != "repeatpad") throw Error("{}: padding '{}'; known: repeatpad, repeat, pad", json.where(), padding);
  const double low = json.get("frequency_min", 0.0), high = json.get("frequency_max", 14'000.0);
  if (low < 0 || high <= low || samples_ <= fft_) throw Error("{}: from {} to {} Hz, in {} samples, {} of them at a time", json.where(), low, high, samples_, fft_);
  window_ = 0.5 - 0.5 * (at::arange(fft_, at::kDouble) * (2 * std::numbers::pi / static_cast<double>(fft_))).cos();
  says_ = fmt::format("rate={} samples={} fft={} hop={} from={} to={} mel={} padding={}", rate_, samples_, fft_, hop_, low, high, mel == Mel::slaney ? "slaney" : "htk", padding);
  const bool slaney = mel == Mel::slaney;
  filters_ = mel_filters({json.size("feature_size", 64), low, high, slaney ? MelBands::Scale::slaney : MelBands::Scale::htk, slaney}, rate_, fft_);
}

Tensor ClapFeatures::padded(const Tensor& wave) const {
  const int64_t n = wave.size(0), times = samples_ / n;
  if (n == samples_) return wave;
  if (padding_ == Padding::repeat) return wave.repeat({times + 1}).narrow(0, 0, samples_);
  const Tensor filled = padding_ == Padding::repeat_and_zeros ? wave.repeat({times}) : wave;
  return at::constant_pad_nd(filled, {0, samples_ - filled.size(0)});
}

Tensor ClapFeatures::operator()(const Tensor& wave) const {
  TORCH_CHECK(wave.dim() == 1 && wave.size(0) > 0 && wave.size(0) <= samples_, "ClapFeatures: wave is ", wave.sizes());
  const Tensor around = at::reflection_pad1d(padded(wave.to(at::kDouble)).unsqueeze(0), {fft_ / 2, fft_ / 2}).squeeze(0);
  const Tensor bins = at::fft_rfft(around.as_strided({frames(), fft_}, {hop_, 1}) * window_);
  const Tensor power = at::view_as_real(bins).square().sum(-1);  // [frames, fft / 2 + 1]
  return (power.mm(filters_).clamp_min(1e-10).log10() * 10).to(at::kFloat);
}

}  // namespace segue
