#include "training/adam.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>

#include "core/parallel.h"

namespace segue {

Adam::Adam(const Options& options, NamedTensors parameters, Tensor table)
    : options_(options), parameters_(std::move(parameters)), table_(std::move(table)) {
  for (const auto& [name, parameter] : parameters_) {
    first_.emplace(name, at::zeros_like(parameter));
    second_.emplace(name, at::zeros_like(parameter));
  }
  steps_ = at::zeros({}, at::TensorOptions(at::kFloat).device(table_.device()));
  table_first_ = at::zeros_like(table_);
  table_second_ = at::zeros_like(table_);
  table_steps_ = at::zeros({table_.size(0)}, table_.options());
}

NamedTensors Adam::state() const {
  NamedTensors all{{"steps", steps_}, {"table.first", table_first_}, {"table.second", table_second_}, {"table.steps", table_steps_}};
  for (const auto& [name, moment] : first_) all.emplace("first." + name, moment);
  for (const auto& [name, moment] : second_) all.emplace("second." + name, moment);
  return all;
}

double Adam::step(double of_rate, const Tensor& rows, const Tensor& slope) {
  const at::NoGradGuard no_grad;
  Tensor square = slope.defined() ? slope.square().sum() : at::zeros({}, table_.options());
  for (auto& [name, parameter] : parameters_) {
    if (!parameter.grad().defined()) parameter.mutable_grad() = at::zeros_like(parameter);
    square = square + parameter.grad().square().sum();
  }
  const double length = std::sqrt(square.item<double>());
  if (!std::isfinite(length)) return length;
  const double cut = options_.clip > 0 && length > options_.clip ? options_.clip / length : 1.0;
  const double rate = options_.rate * of_rate;
  steps_.add_(1);
  for (const bool decays : {false, true}) {
    std::vector<Tensor> weights, slopes, first, second, counts;
    for (auto& [name, parameter] : parameters_) {
      if ((parameter.dim() > 1) != decays) continue;
      weights.push_back(parameter.detach());
      slopes.push_back(cut == 1.0 ? parameter.grad() : parameter.grad().mul_(cut));
      first.push_back(first_.at(name));
      second.push_back(second_.at(name));
      counts.push_back(steps_);
    }
    if (!weights.empty()) {
      at::_fused_adamw_(weights, slopes, first, second, {}, counts, rate, options_.beta_1, options_.beta_2, decays ? options_.decay : 0.0,
                        options_.epsilon, false, false);
    }
  }
  for (auto& [name, parameter] : parameters_) parameter.grad().zero_();
  if (!slope.defined()) return length;
  const Tensor cut_slope = cut == 1.0 ? slope : slope * cut;
  if (table_.is_cpu()) step_rows_here(options_.table_rate * of_rate, rows, cut_slope.contiguous());
  else step_rows(options_.table_rate * of_rate, rows, cut_slope);
  return length;
}

void Adam::step_rows(double rate, const Tensor& rows, const Tensor& slope) {
  const Tensor first = table_first_.index_select(0, rows).mul_(options_.beta_1).add_(slope, 1 - options_.beta_1);
  const Tensor second = table_second_.index_select(0, rows).mul_(options_.beta_2).addcmul_(slope, slope, 1 - options_.beta_2);
  const Tensor steps = table_steps_.index_select(0, rows).add_(1);
  table_first_.index_copy_(0, rows, first);
  table_second_.index_copy_(0, rows, second);
  table_steps_.index_copy_(0, rows, steps);
  const Tensor unbias_1 = (1 - at::pow(options_.beta_1, steps)).unsqueeze(1), unbias_2 = (1 - at::pow(options_.beta_2, steps)).unsqueeze(1);
  const Tensor weights = table_.index_select(0, rows);
  const Tensor move = (first / unbias_1) / ((second / unbias_2).sqrt_() + options_.epsilon);
  table_.index_copy_(0, rows, weights.mul(1 - rate * options_.table_decay).sub_(move, rate));
}

void Adam::step_rows_here(double rate, const Tensor& rows, const Tensor& slope) {
  constexpr int64_t some = 512;
  const int64_t n = rows.numel(), width = table_.size(1);
  const auto* const row = rows.const_data_ptr<int64_t>();
  const auto* const slopes = slope.const_data_ptr<float>();
  auto* const weights = table_.mutable_data_ptr<float>();
  auto *const firsts = table_first_.mutable_data_ptr<float>(), *const seconds = table_second_.mutable_data_ptr<float>();
  auto* const steps = table_steps_.mutable_data_ptr<float>();
  const auto beta_1 = static_cast<float>(options_.beta_1), beta_2 = static_cast<float>(options_.beta_2);
  const auto rest_1 = static_cast<float>(1 - options_.beta_1), rest_2 = static_cast<float>(1 - options_.beta_2);
  const auto kept = static_cast<float>(1 - rate * options_.table_decay), epsilon = static_cast<float>(options_.epsilon);
  parallel_for((n + some - 1) / some, [&](int64_t part) {
    for (int64_t i = part * some; i < std::min(n, (part + 1) * some); ++i) {
      const float count = ++steps[row[i]];
      const float unbiased = static_cast<float>(rate) / (1 - std::pow(beta_1, count)), spread = 1 / (1 - std::pow(beta_2, count));
      const float* g = slopes + i * width;
      float *w = weights + row[i] * width, *m = firsts + row[i] * width, *v = seconds + row[i] * width;
      for (int64_t d = 0; d < width; ++d) {
        m[d] = beta_1 * m[d] + rest_1 * g[d];
        v[d] = beta_2 * v[d] + rest_2 * g[d] * g[d];
        w[d] = kept * w[d] - unbiased * m[d] / (std::sqrt(v[d] * spread) + epsilon);
      }
    }
  });
}

}  // namespace segue
