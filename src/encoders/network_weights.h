#pragma once

#include <string>
#include <vector>

#include "language/checkpoint.h"

namespace segue {

/// x [.., in] → x Wᵀ + b [.., out]
struct Dense {
  Tensor weight;  // float [out, in]
  Tensor bias;    // float [out], or undefined

  Tensor operator()(const Tensor& x) const;
};

/// Each row to mean 0 and variance 1, then scaled and shifted.
struct RowNorm {
  Tensor weight, bias;  // float [D], or undefined
  double epsilon = 1e-5;

  Tensor operator()(const Tensor& x) const;
};

/// The weights of a network by the names that its own parts have, whatever larger model they were stored as a part of.
class NetworkWeights {
 public:
  /// prefixes: what may stand before the names; the first under which `landmark`, that every such network has, is there.
  /// Throws Error where it is under none.
  NetworkWeights(const Path& folder, const std::vector<std::string>& prefixes, const std::string& landmark);

  bool has(const std::string& name) const { return checkpoint_.has(prefix_ + name); }
  /// In f32. Throws Error where there is none of this name, of another shape, or with numbers that are not finite.
  Tensor tensor(const std::string& name, at::IntArrayRef shape) const;
  /// name + ".weight" of a convolution, of any shape, in one of three spellings: as it is, or (weight norm; Salimans and Kingma, 2016,
  /// arXiv:1602.07868) as a direction and lengths along `axis`, weight_v and weight_g or parametrizations.weight.original1 and original0.
  Tensor normed(const std::string& name, at::IntArrayRef shape, int64_t axis) const;
  Dense dense(const std::string& name, int64_t out, int64_t in, bool bias = true) const;
  RowNorm row_norm(const std::string& name, int64_t width, double epsilon = 1e-5) const;

 private:
  Checkpoint checkpoint_;
  std::string prefix_;
};

}  // namespace segue
