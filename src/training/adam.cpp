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

Adam::Adam(const Options& options, NamedTensors parameters, const NamedTensors& tables)
    : options_(options), parameters_(std::move(parameters)) {
  for (const auto& [name, parameter] : parameters_) {
    first_.emplace(name, at::zeros_like(parameter));
    second_.emplace(name, at::zeros_like(parameter));
  }
  for (const auto& [name, table] : tables) tables_[name] = {table, at::zeros_like(table), at::zeros_like(table), at::zeros({table.size(0)}, table.options())};
  TORCH_CHECK(!parameters_.empty() || !tables_.empty(), "Adam: nothing to learn");
  const auto device = parameters_.empty() ? tables_.begin()->second.weights.device() : parameters_.begin()->second.device();
  steps_ = at::zeros({}, at::TensorOptions(at::kFloat).device(device));
}

NamedTensors Adam::state() const {
  NamedTensors all{{"steps", steps_}};
  for (const auto& [name, table] : tables_) all.insert({{name + ".first", table.first}, {name + ".second", table.second}, {name + ".steps", table.steps}});
  for (const auto& [name, moment] : first_) all.emplace("first." + name, moment);
  for (const auto& [name, moment] : second_) all.emplace("second." + name, moment);
  return all;
}

double Adam::step(double of_rate, const std::map<std::string, Touched>& touched) {
  const at::NoGradGuard no_grad;
  Tensor square = at::zeros({}, steps_.options());
  for (const auto& [name, one] : touched) square = square + one.slope.square().sum();
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
  for (const auto& [name, one] : touched) {
    Table& table = tables_.at(name);
    const Touched cut_one{one.rows, cut == 1.0 ? one.slope : one.slope * cut};
    if (table.weights.is_cpu()) step_rows_here(table, options_.table_rate * of_rate, cut_one);
    else step_rows(table, options_.table_rate * of_rate, cut_one);
  }
  return length;
}

void Adam::step_rows(Table& table, double rate, const Touched& touched) const {
  const auto& [rows, slope] = touched;
  const Tensor first = table.first.index_select(0, rows).mul_(options_.beta_1).add_(slope, 1 - options_.beta_1);
  const Tensor second = table.second.index_select(0, rows).mul_(options_.beta_2).addcmul_(slope, slope, 1 - options_.beta_2);
  const Tensor steps = table.steps.index_select(0, rows).add_(1);
  table.first.index_copy_(0, rows, first);
  table.second.index_copy_(0, rows, second);
  table.steps.index_copy_(0, rows, steps);
  const Tensor unbias_1 = (1 - at::pow(options_.beta_1, steps)).unsqueeze(1), unbias_2 = (1 - at::pow(options_.beta_2, steps)).unsqueeze(1);
  const Tensor weights = table.weights.index_select(0, rows);
  const Tensor move = (first / unbias_1) / ((second / unbias_2).sqrt_() + options_.epsilon);
  table.weights.index_copy_(0, rows, weights.mul(1 - rate * options_.table_decay).sub_(move, rate));
}

void Adam::step_rows_here(Table& table, double rate, const Touched& touched) const {
  constexpr int64_t some = 512;
  const Tensor &rows = touched.rows, slope = touched.slope.contiguous();
  const int64_t n = rows.numel(), width = table.weights.size(1);
  const auto* const row = rows.const_data_ptr<int64_t>();
  const auto* const slopes = slope.const_data_ptr<float>();
  auto* const weights = table.weights.mutable_data_ptr<float>();
  auto *const firsts = table.first.mutable_data_ptr<float>(), *const seconds = table.second.mutable_data_ptr<float>();
  auto* const steps = table.steps.mutable_data_ptr<float>();
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
