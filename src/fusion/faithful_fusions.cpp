#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <numeric>

#include "fusion/fusions.h"
#include "layers/unit.h"

namespace segue {
namespace {

using Options = Fusion::Options;
using Sizes = FusionSizes;

/// W x + b with the first weights that PyTorch gives a linear layer: uniform within 1 / √in.
class Affine : public torch::nn::Module {
 public:
  Affine(int64_t out, int64_t in) {
    const double bound = 1 / std::sqrt(static_cast<double>(in));
    weight_ = register_parameter("weight", at::empty({out, in}).uniform_(-bound, bound));
    bias_ = register_parameter("bias", at::empty({out}).uniform_(-bound, bound));
  }
  Tensor forward(const Tensor& x) const { return at::linear(x, weight_, bias_); }

 private:
  Tensor weight_, bias_;
};

/// Modules that share a registering owner: the id is part 1, the signals are the parts after it.
class Faithful : public Fusion {
 public:
  Faithful(int64_t id, const Sizes& sizes) : width_(id), sizes_(sizes) {}
  int64_t width() const override { return width_; }

 protected:
  std::shared_ptr<Affine> affine(const std::string& name, int64_t out, int64_t in) { return register_module(name, std::make_shared<Affine>(out, in)); }
  /// One for each signal, to D numbers.
  std::vector<std::shared_ptr<Affine>> one_each() {
    std::vector<std::shared_ptr<Affine>> all;
    for (size_t s = 0; s < sizes_.stored.size(); ++s) all.push_back(affine("signal_" + std::to_string(s), sizes_.width, sizes_.stored[s]));
    return all;
  }
  int64_t stored() const { return std::accumulate(sizes_.stored.begin(), sizes_.stored.end(), int64_t{0}); }

  int64_t width_;
  Sizes sizes_;
};

/// [e_1; e_2; …]
class Concat : public Faithful {
 public:
  explicit Concat(const Sizes& sizes) : Faithful(sizes.width, sizes) { width_ += stored(); }
  Tensor forward(const TrackParts& parts) override {
    auto all = parts.stored;
    all.insert(all.begin(), parts.id);
    return at::cat(all, 1);
  }
};

/// Σ_m α_m n(W_m e_m + b_m), α = softmax(θ), θ from 0, n: of length 1.
class WeightedSum : public Faithful {
 public:
  explicit WeightedSum(const Sizes& sizes) : Faithful(sizes.width, sizes), id_(affine("id", sizes.width, sizes.width)), signals_(one_each()) {
    theta_ = register_parameter("theta", at::zeros({1 + std::ssize(signals_)}));
  }
  Tensor forward(const TrackParts& parts) override {
    const Tensor weight = theta_.softmax(0);
    Tensor sum = unit_rows(id_->forward(parts.id)) * weight[0];
    for (size_t s = 0; s < signals_.size(); ++s) sum = sum + unit_rows(signals_[s]->forward(parts.stored[s])) * weight[static_cast<int64_t>(s) + 1];
    return sum;
  }

 private:
  std::shared_ptr<Affine> id_;
  std::vector<std::shared_ptr<Affine>> signals_;
  Tensor theta_;
};

/// q = W_q e_1 + b; k = v = the other parts, each brought to D; multi-head attention with its own four matrices, then one more.
class CrossAttention : public Faithful {
 public:
  CrossAttention(const Options& options, const Sizes& sizes)
      : Faithful(sizes.width, sizes), heads_(heads_of(sizes.width, options.heads)), id_(affine("id", width_, width_)), signals_(one_each()),
        query_(affine("query", width_, width_)), key_(affine("key", width_, width_)), value_(affine("value", width_, width_)),
        joined_(affine("joined", width_, width_)), out_(affine("out", width_, width_)) {}
  Tensor forward(const TrackParts& parts) override {
    std::vector<Tensor> places;
    for (size_t s = 0; s < signals_.size(); ++s) places.push_back(signals_[s]->forward(parts.stored[s]));
    const Tensor memory = at::stack(places, 1);  // [n, S, D]
    const Tensor heard = attend(query_->forward(id_->forward(parts.id)), key_->forward(memory), value_->forward(memory), {}, heads_);
    return out_->forward(joined_->forward(heard));
  }

 private:
  int64_t heads_;
  std::shared_ptr<Affine> id_;
  std::vector<std::shared_ptr<Affine>> signals_;
  std::shared_ptr<Affine> query_, key_, value_, joined_, out_;
};

/// base = W_b e_1 + b; cond = [e_2; e_3; …]; (W_s cond + b_s) ⊙ base + (W_t cond + b_t).
class Film : public Faithful {
 public:
  explicit Film(const Sizes& sizes)
      : Faithful(sizes.width, sizes), base_(affine("base", width_, width_)), stretch_(affine("stretch", width_, stored())), shift_(affine("shift", width_, stored())) {}
  Tensor forward(const TrackParts& parts) override {
    const Tensor condition = at::cat(parts.stored, 1);
    return stretch_->forward(condition) * base_->forward(parts.id) + shift_->forward(condition);
  }

 private:
  std::shared_ptr<Affine> base_, stretch_, shift_;
};

}  // namespace

std::shared_ptr<Fusion> faithful_concat(const Options&, const Sizes& sizes) { return std::make_shared<Concat>(sizes); }
std::shared_ptr<Fusion> faithful_weighted_sum(const Options&, const Sizes& sizes) { return std::make_shared<WeightedSum>(sizes); }
std::shared_ptr<Fusion> faithful_cross_attention(const Options& options, const Sizes& sizes) { return std::make_shared<CrossAttention>(options, sizes); }
std::shared_ptr<Fusion> faithful_film(const Options&, const Sizes& sizes) { return std::make_shared<Film>(sizes); }

}  // namespace segue
