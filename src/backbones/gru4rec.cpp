#include "backbones/gru4rec.h"

#include <ATen/ops/gru.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros.h>

#include <cmath>

namespace segue {

Gru4Rec::Gru4Rec(const Options& options, const BackboneSizes& sizes)
    : options_(options), dense_(register_module("dense", torch::nn::Linear(options.hidden, sizes.width))) {
  const double reach = 1 / std::sqrt(static_cast<double>(options.hidden));
  const double loud = std::sqrt(static_cast<double>(sizes.width));  // vectors of length 1 are too faint for gates made for 0.1 … 1 a number
  const auto uniform = [&](const std::string& name, at::IntArrayRef shape, double times = 1) {
    weights_.push_back(register_parameter(name, (at::rand(shape) * 2 - 1) * (reach * times)));
  };
  for (int64_t layer = 0; layer < options.layers; ++layer) {
    const std::string of = "_l" + std::to_string(layer);
    uniform("weight_ih" + of, {3 * options.hidden, layer == 0 ? sizes.width : options.hidden}, layer == 0 ? loud : 1);
    uniform("weight_hh" + of, {3 * options.hidden, options.hidden});
    uniform("bias_ih" + of, {3 * options.hidden});
    uniform("bias_hh" + of, {3 * options.hidden});
  }
}

Tensor Gru4Rec::forward(const Batch& batch, const Tensor& plays) {
  const Tensor x = dropout(plays, batch.noise.get(), options_.dropout);
  const Tensor start = at::zeros({options_.layers, x.size(0), options_.hidden}, x.options());
  const Tensor states = std::get<0>(at::gru(x, start, weights_, true, options_.layers, 0.0, false, false, true));
  return dense_(states);
}

}  // namespace segue
