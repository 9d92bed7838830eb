#include "fusion/item_vectors.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "core/tensor_threads.h"
#include "layers/unit.h"

namespace segue {
namespace {

/// 1 where a number is kept, 0 where it is dropped: float, as x is.
Tensor kept(const Tensor& like, double chance, Noise* noise) {
  return noise == nullptr || chance <= 0 ? at::ones_like(like) : noise->dropout(at::ones_like(like), chance).gt(0).to(like.scalar_type());
}

}  // namespace

ItemVectors::ItemVectors(const Options& options, std::vector<int32_t> row, int64_t rows, const Content& content)
    : options_(options), row_(std::move(row)), drops_(content.options), hears_(content.signals.size(), 1) {
  table_ = at::randn({std::max<int64_t>(rows, 1), options.width}, at::TensorOptions(at::kFloat)) / std::sqrt(static_cast<double>(options.width));
  if (!content.options.faithful) begin_as_content(content.signals);
  register_buffer("ids", table_);  // its gradient is taken row by row, so it is no parameter to autograd
  if (content.signals.empty()) return;
  FusionSizes sizes{options.width, {}};
  for (const auto& signal : content.signals) {
    TORCH_CHECK(signal->row.size() == row_.size(), "ItemVectors: signal '", signal->name, "' of ", signal->row.size(), " tracks for ", row_.size());
    sizes.stored.push_back(signal->width());
    towers_.push_back(std::make_shared<SignalTower>(signal, options.width));
    if (!content.options.faithful) register_module("tower_" + std::to_string(towers_.size()), towers_.back());
  }
  fusion_ = register_module("fusion", fusions().at(content.name)(content.options, sizes));
}

void ItemVectors::begin_as_content(const TrackSignals& signals) {
  for (size_t j = 0; j < row_.size(); ++j) {
    const bool told = std::any_of(signals.begin(), signals.end(), [&](const auto& signal) { return signal->row[j] >= 0; });
    if (told && row_[j] >= 0) table_[row_[j]].zero_();
  }
}

/// Length 1, or the rows as they are.
Tensor ItemVectors::shaped(const Tensor& rows) const {
  return options_.unit ? unit_rows(rows) : rows;
}

Tensor ItemVectors::fused(std::span<const int32_t> tracks, Tensor id, Noise* noise) const {
  TrackParts parts;
  if (noise != nullptr) id = id * kept(id.narrow(1, 0, 1).detach(), drops_.faithful ? 0 : drops_.drop_id, noise);
  parts.id = id;
  std::vector<Tensor> projected, known;
  for (size_t s = 0; s < towers_.size(); ++s) {
    Told told = towers_[s]->told(tracks, table_.options());
    if (hears_[s] == 0) {
      told.known = at::zeros_like(told.known);
      told.silent = at::zeros_like(told.silent);
    }
    if (noise != nullptr && !drops_.faithful) {
      const Tensor heard = kept(told.known, drops_.drop, noise);
      told.known = told.known * heard;
      told.silent = told.silent * heard;
    }
    known.push_back(told.known);
    if (drops_.faithful) parts.stored.push_back(told.numbers * told.known);
    else projected.push_back(towers_[s]->forward(told));
  }
  parts.known = at::cat(known, 1);
  if (!drops_.faithful) parts.signals = at::stack(projected, 1);
  return fusion_->forward(parts);
}

ItemVectors::Drawn ItemVectors::of(const std::vector<int32_t>& tracks, bool learns, Noise* noise) const {
  std::vector<int64_t> rows(tracks.size());
  std::vector<float> known(tracks.size()), told(tracks.size());
  for (size_t i = 0; i < tracks.size(); ++i) {
    const int32_t row = row_[static_cast<size_t>(tracks[i])];
    rows[i] = std::max(row, 0);
    known[i] = row >= 0 && hears_id_ ? 1.0F : 0.0F;
    told[i] = has(tracks[i]) ? 1.0F : 0.0F;
  }
  const auto n = static_cast<int64_t>(tracks.size());
  Drawn drawn;
  drawn.rows = tensor_of(rows, {n}).to(table_.device());
  drawn.known = tensor_of(known, {n, 1}).to(table_.options());
  {
    const at::NoGradGuard no_grad;
    drawn.leaf = table_.index_select(0, drawn.rows);
  }
  if (learns && table_learns()) drawn.leaf.requires_grad_();
  drawn.vectors = has_content() ? shaped(fused(tracks, drawn.leaf * drawn.known, noise)) * tensor_of(told, {n, 1}).to(table_.options())
                                : shaped(drawn.leaf) * drawn.known;
  return drawn;
}

Tensor ItemVectors::all() const {
  constexpr int64_t some = 4096;
  const int64_t N = tracks();
  const Tensor vectors = at::empty({N, width()}, table_.options());
  const auto fill = [&](int64_t block) {
    const at::NoGradGuard no_grad;
    std::vector<int32_t> part(static_cast<size_t>(std::min(some, N - block * some)));
    std::iota(part.begin(), part.end(), static_cast<int32_t>(block * some));
    vectors.narrow(0, block * some, std::ssize(part)).copy_(of(part, false).vectors);
  };
  const int64_t blocks = (N + some - 1) / some;
  if (table_.is_cpu()) {
    parallel_tensors(blocks, fill);
  } else {
    for (int64_t block = 0; block < blocks; ++block) fill(block);
  }
  return vectors;
}

void ItemVectors::standardise() {
  std::vector<uint8_t> train;
  for (const int32_t row : row_) train.push_back(row >= 0 ? 1 : 0);
  for (const auto& tower : towers_) tower->standardise(train);
}

void ItemVectors::hear(const HeardParts& parts) {
  hears_id_ = parts.id;
  std::fill(hears_.begin(), hears_.end(), uint8_t{1});
  const auto names = signals();
  for (const auto& name : parts.without) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) throw Error("no signal '{}' in this model; it has: {}", name, names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")));
    hears_[static_cast<size_t>(at - names.begin())] = 0;
  }
}

bool ItemVectors::has(int32_t track) const {
  const auto j = static_cast<size_t>(track);
  if (row_[j] >= 0 && hears_id_) return true;
  for (size_t s = 0; s < towers_.size(); ++s) {
    if (hears_[s] != 0 && towers_[s]->signal().row[j] >= 0) return true;
  }
  return false;
}

std::vector<std::string> ItemVectors::signals() const {
  std::vector<std::string> names;
  for (const auto& tower : towers_) names.push_back(tower->signal().name);
  return names;
}

}  // namespace segue
