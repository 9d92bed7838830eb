#pragma once

#include <ATen/core/ivalue.h>
#include <torch/csrc/autograd/custom_function.h>

#include <utility>

namespace segue {

/// What a function of autograd keeps for its gradient beside tensors.
template <class Value>
struct Beside : torch::CustomClassHolder {
  explicit Beside(Value kept) : value(std::move(kept)) {}
  Value value;

  static void keep(torch::autograd::AutogradContext* context, Value kept) {
    context->saved_data["beside"] = c10::IValue::make_capsule(c10::make_intrusive<Beside>(std::move(kept)));
  }
  /// It lives as long as the context.
  static const Value& of(torch::autograd::AutogradContext* context) {
    return static_cast<const Beside&>(*context->saved_data.at("beside").toCapsule()).value;
  }
};

}  // namespace segue
