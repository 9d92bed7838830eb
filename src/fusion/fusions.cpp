#include "fusion/fusions.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "layers/unit.h"

namespace segue {

Tensor even_matrix(int64_t out, int64_t in) { return at::randn({out, in}) / std::sqrt(static_cast<double>(out)); }

int64_t heads_of(int64_t width, int64_t most) {
  int64_t heads = std::min(most, width);
  while (width % heads != 0) --heads;
  return heads;
}

Tensor attend(const Tensor& query, const Tensor& keys, const Tensor& values, const Tensor& bias, int64_t heads) {
  const int64_t n = keys.size(0), S = keys.size(1), D = keys.size(2), of_head = D / heads;
  const auto split = [&](const Tensor& x) { return x.view({n, -1, heads, of_head}).transpose(1, 2); };  // [n, heads, ., D / heads]
  Tensor products = split(query.unsqueeze(1)).matmul(split(keys).transpose(2, 3)) / std::sqrt(static_cast<double>(of_head));  // [n, heads, 1, S]
  if (bias.defined()) products = products + bias.view({n, 1, 1, S});
  return products.softmax(-1).matmul(split(values)).transpose(1, 2).reshape({n, D});
}

namespace {

using Options = Fusion::Options;
using Sizes = FusionSizes;

/// Added to what decides between signals: those of which nothing is known are out, unless that is all there is.
Tensor out_of_question(const Tensor& known) { return (known - 1) * 1e4; }

/// Those that have the id on top of the content.
class Residual : public Fusion {
 public:
  Residual(const Options& options, const Sizes& sizes) : width_(sizes.width), signals_(std::ssize(sizes.stored)), beside_(options.beside) {
    length_ = register_parameter("length", at::ones({1}));
  }
  int64_t width() const final { return beside_ ? 2 * width_ : width_; }
  Tensor forward(const TrackParts& parts) final {
    const Tensor said = unit_rows(content(parts)) * length_, id = changed(parts);
    return beside_ ? at::cat({id, said}, 1) : id + said;
  }

 protected:
  /// What content alone says, of any length but 0.
  virtual Tensor content(const TrackParts& parts) = 0;
  /// What becomes of the id.
  virtual Tensor changed(const TrackParts& parts) { return parts.id; }

  int64_t width_, signals_;

 private:
  bool beside_;
  Tensor length_;  // of the content, measured by the id
};

/// A matrix over all signals side by side.
class Concat : public Residual {
 public:
  Concat(const Options& options, const Sizes& sizes) : Residual(options, sizes) {
    weight_ = register_parameter("weight", at::eye(width_).repeat({1, signals_}) / std::sqrt(static_cast<double>(signals_)));
  }
  Tensor content(const TrackParts& parts) override { return at::linear(parts.signals.flatten(1), weight_); }

 private:
  Tensor weight_;  // [D, S · D]
};

/// Σ α_s n(p_s), α a softmax over the signals that are known, n: of length 1.
class WeightedSum : public Residual {
 public:
  WeightedSum(const Options& options, const Sizes& sizes) : Residual(options, sizes) { theta_ = register_parameter("theta", at::zeros({signals_})); }
  Tensor content(const TrackParts& parts) override {
    const Tensor weight = (theta_ + out_of_question(parts.known)).softmax(-1);  // [n, S]
    return (unit_rows(parts.signals) * weight.unsqueeze(-1)).sum(1);
  }

 private:
  Tensor theta_;
};

/// The id, where there is one, asks the signals that are known; a learned question is asked anyway.
class CrossAttention : public Residual {
 public:
  CrossAttention(const Options& options, const Sizes& sizes) : Residual(options, sizes), heads_(heads_of(width_, options.heads)) {
    query_ = register_parameter("query", even_matrix(width_, width_));
    asked_ = register_parameter("asked", at::randn({width_}) / std::sqrt(static_cast<double>(width_)));
    key_ = register_parameter("key", even_matrix(width_, width_));
    value_ = register_parameter("value", at::eye(width_));
    out_ = register_parameter("out", at::eye(width_));
  }
  Tensor content(const TrackParts& parts) override {
    const Tensor query = at::linear(parts.id, query_, asked_);
    const Tensor heard = attend(query, at::linear(parts.signals, key_), at::linear(parts.signals, value_), out_of_question(parts.known), heads_);
    return at::linear(heard, out_);
  }

 private:
  int64_t heads_;
  Tensor query_, asked_, key_, value_, out_;
};

/// Feature-wise linear modulation (Perez et al., 2018, arXiv:1709.07871): the signals stretch the id, around 1, and shift it.
class Film : public Residual {
 public:
  Film(const Options& options, const Sizes& sizes) : Residual(options, sizes) {
    stretch_ = register_parameter("stretch", at::zeros({width_, signals_ * width_}));
    shift_ = register_parameter("shift", at::eye(width_).repeat({1, signals_}) / std::sqrt(static_cast<double>(signals_)));
  }
  Tensor content(const TrackParts& parts) override { return at::linear(parts.signals.flatten(1), shift_); }

 private:
  Tensor changed(const TrackParts& parts) override { return (1 + at::linear(parts.signals.flatten(1), stretch_)) * parts.id; }

  Tensor stretch_, shift_;  // [D, S · D]
};

/// Each signal has a gate from 0 to 1, by what it says and by which signals are known.
class Gated : public Residual {
 public:
  Gated(const Options& options, const Sizes& sizes) : Residual(options, sizes) {
    said_ = register_parameter("said", at::zeros({signals_, width_}));
    which_ = register_parameter("which", at::zeros({signals_, signals_}));
    bias_ = register_parameter("bias", at::zeros({signals_}));
  }
  Tensor content(const TrackParts& parts) override {
    const Tensor gate = ((parts.signals * said_).sum(-1) + at::linear(parts.known, which_, bias_)).sigmoid();  // [n, S]
    return (parts.signals * gate.unsqueeze(-1)).sum(1);
  }

 private:
  Tensor said_, which_, bias_;
};

/// One tower that all signals go through, so that each can stand for another; the mean of those that are known (Ganhör et al.,
/// 2024, arXiv:2409.17864). Differs: the id is no signal but comes on top, and which one a step hears is left to their being
/// dropped, not to drawing one.
class SingleBranch : public Residual {
 public:
  SingleBranch(const Options& options, const Sizes& sizes) : Residual(options, sizes) {
    wide_ = register_parameter("wide", even_matrix(2 * width_, width_));
    wide_bias_ = register_parameter("wide_bias", at::zeros({2 * width_}));
    narrow_ = register_parameter("narrow", even_matrix(width_, 2 * width_) * 0.1);
  }
  Tensor content(const TrackParts& parts) override {
    const Tensor tower = parts.signals + at::linear(at::gelu(at::linear(parts.signals, wide_, wide_bias_)), narrow_);
    return (unit_rows(tower) * out_of_question(parts.known).softmax(-1).unsqueeze(-1)).sum(1);
  }

 private:
  Tensor wide_, wide_bias_, narrow_;
};

template <class Mended, MakeFusion faithful>
std::shared_ptr<Fusion> make(const Options& options, const Sizes& sizes) {
  return options.faithful ? faithful(options, sizes) : std::make_shared<Mended>(options, sizes);
}

template <class Mended>
std::shared_ptr<Fusion> make_ours(const Options& options, const Sizes& sizes) {
  if (options.faithful) throw Error("fusion.faithful: the paper has no such fusion; concat, cross_attention, film and weighted_sum can be faithful");
  return std::make_shared<Mended>(options, sizes);
}

}  // namespace

const Registry<MakeFusion>& fusions() {
  static const Registry<MakeFusion> table{
      "fusion",
      {
          {"concat", make<Concat, faithful_concat>},
          {"cross_attention", make<CrossAttention, faithful_cross_attention>},
          {"film", make<Film, faithful_film>},
          {"gated", make_ours<Gated>},
          {"single_branch", make_ours<SingleBranch>},
          {"weighted_sum", make<WeightedSum, faithful_weighted_sum>},
      },
  };
  return table;
}

}  // namespace segue
