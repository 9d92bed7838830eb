#include "encoders/network_weights.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <fmt/ranges.h>

#include "core/error.h"

namespace segue {

Tensor Dense::operator()(const Tensor& x) const { return at::linear(x, weight, bias); }

Tensor RowNorm::operator()(const Tensor& x) const { return at::layer_norm(x, {x.size(-1)}, weight, bias, epsilon); }

NetworkWeights::NetworkWeights(const Path& folder, const std::vector<std::string>& prefixes, const std::string& landmark) : checkpoint_(folder) {
  for (const auto& prefix : prefixes) {
    if (!checkpoint_.has(prefix + landmark)) continue;
    prefix_ = prefix;
    return;
  }
  throw Error("{}: its weights have no '{}', nor that with one of these before it: {}", folder.string(), landmark, fmt::join(prefixes, " "));
}

Tensor NetworkWeights::tensor(const std::string& name, at::IntArrayRef shape) const {
  Tensor tensor = checkpoint_.tensor(prefix_ + name, shape);
  if (!tensor.isfinite().all().item<bool>()) throw Error("{}: '{}' has numbers that are not finite", checkpoint_.folder().string(), prefix_ + name);
  return tensor;
}

Tensor NetworkWeights::normed(const std::string& name, at::IntArrayRef shape, int64_t axis) const {
  const std::string plain = name + ".weight";
  if (has(plain)) return tensor(plain, shape);
  const bool older = has(plain + "_v");
  const std::string both = name + ".parametrizations.weight.original";
  std::vector<int64_t> lengths_shape(shape.size(), 1), others;
  lengths_shape[static_cast<size_t>(axis)] = shape[static_cast<size_t>(axis)];
  for (int64_t other = 0; other < std::ssize(shape); ++other) {
    if (other != axis) others.push_back(other);
  }
  const Tensor lengths = tensor(older ? plain + "_g" : both + "0", lengths_shape), direction = tensor(older ? plain + "_v" : both + "1", shape);
  const Tensor weight = direction * (lengths / direction.norm(2, others, true));
  if (!weight.isfinite().all().item<bool>()) throw Error("{}: '{}' has a direction of length 0", checkpoint_.folder().string(), prefix_ + name);
  return weight;
}

Dense NetworkWeights::dense(const std::string& name, int64_t out, int64_t in, bool bias) const {
  return {tensor(name + ".weight", {out, in}), bias ? tensor(name + ".bias", {out}) : Tensor()};
}

RowNorm NetworkWeights::row_norm(const std::string& name, int64_t width, double epsilon) const {
  return {tensor(name + ".weight", {width}), tensor(name + ".bias", {width}), epsilon};
}

}  // namespace segue
