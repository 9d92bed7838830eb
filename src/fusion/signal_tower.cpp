#include "fusion/signal_tower.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "core/error.h"

namespace segue {
namespace {

constexpr double farthest = 8;  // deviations from the mean: what is farther off is an error of the signal more often than not

}  // namespace

SignalTower::SignalTower(std::shared_ptr<const TrackSignal> signal, int64_t width) : signal_(std::move(signal)) {
  const int64_t from = signal_->width();
  mean_ = register_buffer("mean", at::zeros({from}));
  scale_ = register_buffer("scale", at::ones({from}));
  weight_ = register_parameter("weight", at::randn({width, from}) / std::sqrt(static_cast<double>(from * width)));  // of length 1 or so
  bias_ = register_parameter("bias", at::zeros({width}));
  gain_ = register_parameter("gain", at::ones({1}));
  missing_ = register_parameter("missing", at::randn({2, width}) / std::sqrt(static_cast<double>(width)));
}

void SignalTower::standardise(const std::vector<uint8_t>& train) {
  const at::NoGradGuard no_grad;
  const int64_t D = signal_->width();
  std::vector<double> sum(static_cast<size_t>(D)), square(sum), count(sum);
  const auto* numbers = signal_->vectors.const_data_ptr<float>();
  const auto* mask = signal_->mask.defined() ? signal_->mask.const_data_ptr<float>() : nullptr;
  // A few tracks share a row where spellings are told apart: each counts, as each is scored.
  for (const bool around : {false, true}) {
    for (size_t j = 0; j < train.size(); ++j) {
      if (train[j] == 0 || signal_->row[j] < 0) continue;
      for (int64_t d = 0; d < D; ++d) {
        const auto k = static_cast<size_t>(d);
        const int64_t at = signal_->row[j] * D + d;
        if (mask != nullptr && mask[at] == 0) continue;
        if (!around) {
          sum[k] += static_cast<double>(numbers[at]);
          ++count[k];
        } else {
          const double off = static_cast<double>(numbers[at]) - sum[k];
          square[k] += off * off;
        }
      }
    }
    if (around) break;
    for (size_t k = 0; k < sum.size(); ++k) sum[k] = count[k] > 0 ? sum[k] / count[k] : 0;
  }
  std::vector<float> mean(sum.begin(), sum.end()), scale(sum.size());
  bool any = false;
  for (size_t k = 0; k < scale.size(); ++k) {
    any = any || count[k] > 0;
    const double deviation = count[k] > 0 ? std::sqrt(square[k] / count[k]) : 0;
    scale[k] = deviation > 1e-6 * std::max(1e-6, std::abs(sum[k])) ? static_cast<float>(1 / deviation) : 0.0F;
  }
  if (!any) throw Error("signal '{}': knows {} track(s) of the log, but none that was played in what is learned from", signal_->name, signal_->known());
  mean_.copy_(tensor_of(mean, {D}));
  scale_.copy_(tensor_of(scale, {D}));
}

Told SignalTower::told(std::span<const int32_t> tracks, const at::TensorOptions& as) const {
  std::vector<int64_t> row;
  std::vector<float> known, silent;
  for (const int32_t track : tracks) {
    const int32_t at = signal_->row[static_cast<size_t>(track)];
    row.push_back(std::max(at, 0));
    known.push_back(at >= 0 ? 1.0F : 0.0F);
    silent.push_back(static_cast<float>(signal_->silent[static_cast<size_t>(track)]));
  }
  const auto n = static_cast<int64_t>(tracks.size());
  const auto here = [&](const Tensor& made) { return made.to(as); };
  const Tensor rows = tensor_of(row, {n});
  Told told;
  told.known = here(tensor_of(known, {n, 1}));
  told.silent = here(tensor_of(silent, {n, 1}));
  told.numbers = here(signal_->vectors.index_select(0, rows));
  // What is missing of a known vector becomes its mean here, so that it is 0 when that is taken off.
  if (signal_->mask.defined()) {
    const Tensor mask = here(signal_->mask.index_select(0, rows));
    told.numbers = told.numbers * mask + mean_.to(as) * (1 - mask);
  }
  told.numbers = told.numbers * told.known;
  return told;
}

Tensor SignalTower::standardised(const Told& told) const { return ((told.numbers - mean_) * scale_).clamp(-farthest, farthest) * told.known; }

Tensor SignalTower::forward(const Told& told) const {
  const Tensor projected = at::linear(standardised(told), weight_, bias_) * gain_;
  const Tensor missing = missing_.narrow(0, 0, 1) * (1 - told.silent) + missing_.narrow(0, 1, 1) * told.silent;
  return projected * told.known + missing * (1 - told.known);
}

}  // namespace segue
