#include "training/objectives.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/softplus.h>

#include <cmath>

#include "training/sampled_softmax.h"

namespace segue {
namespace {

Negatives drawn_from(const std::string& from) {
  static const Registry<Negatives> table{
      "objective.from", {{"uniform", Negatives::uniform}, {"popularity", Negatives::popularity}, {"in-batch", Negatives::in_batch}}};
  return table.at(from);
}

/// −ln of the label's softmax. Over all tracks: full cross-entropy. Over the label and K tracks drawn with chance q, each
/// product less ln(K q), so that the sum is right in the mean (Bengio & Senécal, 2008; the label itself was not drawn,
/// so it is not corrected: Khrylchenko et al., 2025, arXiv:2507.09331). A label is never among its own negatives.
class Softmax : public Objective {
 public:
  Softmax(const Options& options, bool full) : options_(options), from_(full ? Negatives::all : drawn_from(options.from)) {}

  Tensor loss(const Targets& targets) const override {
    Targets t = targets;
    if (!options_.log_q) t.log_expected = Tensor();
    return options_.fused && t.states.is_cpu() ? fused_softmax_loss(t) : plain_softmax_loss(t);
  }
  Negatives negatives() const override { return from_; }

 private:
  Options options_;
  Negatives from_;
};

/// Products of each state with its label: [M].
Tensor label_products(const Targets& t) {
  return (t.states * t.rows(t.label)).sum(-1) * t.scale;
}

/// Binary cross-entropy of the label against one uniform negative of its own, as SASRec was published (Kang & McAuley,
/// 2018, eq. 6).
class Bce : public Objective {
 public:
  explicit Bce(const Options&) {}

  Tensor loss(const Targets& t) const override {
    const Tensor own = t.negative.view({-1});
    const Tensor wrong = (t.states * t.rows(own)).sum(-1) * t.scale;
    const Tensor hit = own.eq(t.label);  // a label drawn as its own negative teaches nothing
    const Tensor losses = at::softplus(-label_products(t)) + at::softplus(wrong).masked_fill(hit, 0.0);
    return (losses * t.weight).sum();
  }
  Negatives negatives() const override { return Negatives::uniform; }
  bool each_its_own() const override { return true; }
};

/// Generalised binary cross-entropy (Petrov & Macdonald, 2023, arXiv:2308.07192, eq. 15): the label's sigmoid to the power
/// β, which undoes the overconfidence that sampling brings. Differs: the uniform negatives are shared by the batch.
class Gbce : public Objective {
 public:
  explicit Gbce(const Options& options) : calibration_(options.calibration) {}

  Tensor loss(const Targets& t) const override {
    const double rate = t.sampling_rate;
    const double beta = rate * (calibration_ * (1 - 1 / rate) + 1 / rate);
    const Tensor products = at::matmul(t.states, t.rows(t.negative).t()) * t.scale;  // [M, K]
    const Tensor hit = t.negative.unsqueeze(0).eq(t.label.unsqueeze(1));
    const Tensor wrong = at::softplus(products).masked_fill(hit, 0.0).sum(1);
    return ((beta * at::softplus(-label_products(t)) + wrong) * t.weight).sum();
  }
  Negatives negatives() const override { return Negatives::uniform; }

 private:
  double calibration_;
};

}  // namespace

const Registry<MakeObjective>& objectives() {
  using Options = Objective::Options;
  static const Registry<MakeObjective> table{
      "objective",
      {
          {"bce", [](const Options& o) -> std::unique_ptr<Objective> { return std::make_unique<Bce>(o); }},
          {"full", [](const Options& o) -> std::unique_ptr<Objective> { return std::make_unique<Softmax>(o, true); }},
          {"gbce", [](const Options& o) -> std::unique_ptr<Objective> { return std::make_unique<Gbce>(o); }},
          {"sampled", [](const Options& o) -> std::unique_ptr<Objective> { return std::make_unique<Softmax>(o, false); }},
      },
  };
  return table;
}

}  // namespace segue
