#include "backbones/sequence_model.h"

#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>

#include <cmath>

#include "layers/unit.h"

namespace segue {

SequenceModel::SequenceModel(Parts parts, bool unit)
    : items_(register_module("items", std::move(parts.items))),
      plays_(register_module("plays", std::move(parts.plays))),
      backbone_(register_module("backbone", std::move(parts.backbone))),
      head_(std::move(parts.head)),
      finish_(std::move(parts.finish)),
      unit_(unit) {
  if (head_ != nullptr) register_module("head", head_);
  if (finish_ != nullptr) register_module("finish", finish_);
  if (unit_) log_scale_ = register_parameter("log_scale", at::full({}, std::log(20.0), at::TensorOptions(at::kFloat)));
}

Tensor SequenceModel::states(const Batch& batch, const StepVectors& vectors) {
  const Tensor states = backbone_->forward(batch, plays_->forward(batch, vectors));
  return unit_ ? unit_rows(states) : states;
}

Tensor SequenceModel::states_at(const Batch& batch, const StepVectors& vectors, const Tensor& places) {
  const Tensor states = backbone_->states_at(batch, plays_->forward(batch, vectors), places);
  return unit_ ? unit_rows(states) : states;
}

Tensor SequenceModel::go_on(const Batch& batch, const StepVectors& vectors, std::span<Recollection* const> rows) {
  const Tensor states = backbone_->go_on(batch, plays_->forward(batch, vectors), rows);
  return unit_ ? unit_rows(states) : states;
}

std::vector<Tensor> SequenceModel::reading_parameters() const {
  std::vector<Tensor> all;
  for (const auto& pair : named_parameters()) {
    if (!pair.key().starts_with("items.") && !pair.key().starts_with("head.")) all.push_back(pair.value());
  }
  return all;
}

Tensor SequenceModel::scale() const {
  if (!unit_) return at::ones({}, items_->table_options());
  return log_scale_.clamp_max(std::log(100.0)).exp();
}

}  // namespace segue
