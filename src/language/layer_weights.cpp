#include "language/layer_weights.h"

#include <ATen/DeviceAccelerator.h>
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "core/weights_budget.h"

namespace segue {
namespace {

std::string amount(int64_t bytes) {
  if (bytes < 1 << 20) return fmt::format("{:.1f} KiB", static_cast<double>(bytes) / (1 << 10));
  if (bytes < 1 << 30) return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
  return fmt::format("{:.2f} GiB", static_cast<double>(bytes) / (1 << 30));
}

int64_t bytes_of(Storage storage, const LayerWeights::Shape& shape) {
  const FrozenMatrix::Sizes sizes(storage, shape.out, shape.in);
  const auto numbers = [](const std::vector<int64_t>& of) {
    int64_t product = of.empty() ? 0 : 1;
    for (const int64_t one : of) product *= one;
    return product;
  };
  const int64_t each = storage == Storage::f32 ? 4 : storage == Storage::bf16 ? 2 : 1;
  return each * numbers(sizes.numbers) + (storage == Storage::int8 ? 4 : 1) * numbers(sizes.scale) + 4 * numbers(sizes.ranges) + (shape.bias ? 4 * shape.out : 0);
}

int64_t free_bytes(at::Device device) {
  return device.is_cpu() ? std::numeric_limits<int64_t>::max() : static_cast<int64_t>(at::accelerator::getMemoryInfo(device.index()).first);
}

int64_t bytes_of_layer(Storage storage, const DecoderConfig& config) {
  int64_t sum = 2 * 4 * config.width;
  for (int which = 0; which < LayerWeights::count; ++which) sum += bytes_of(storage, LayerWeights::shape(config, static_cast<LayerWeights::Linear>(which)));
  return sum;
}

}  // namespace

LayerWeights::Shape LayerWeights::shape(const DecoderConfig& config, Linear which) {
  const int64_t H = config.width, queries = config.heads * config.head, keys = config.key_heads * config.head;
  switch (which) {
    case q: return {queries, H, config.bias_qkv};
    case k: case v: return {keys, H, config.bias_qkv};
    case out: return {H, queries, config.bias_out};
    case gate: case up: return {config.inner, H, config.bias_inner};
    default: return {H, config.inner, config.bias_inner};
  }
}

void LayerWeights::to(const at::TensorOptions& options) {
  for (Tensor* norm : {&norm_before, &norm_between}) *norm = norm->to(options);
  for (auto& one : matrix) one.to(options);
  for (auto& one : bias) {
    if (one.defined()) one = one.to(options);
  }
}

LayerStore::LayerStore(Checkpoint weights, const DecoderConfig& config, std::optional<Storage> storage, const LayerRoom& room)
    : weights_(std::move(weights)), copied_(weights_.copied()), config_(config), storage_(storage), kept_in_(storage.value_or(weights_.quantised().value_or(Storage::f32))), each_(bytes_of_layer(kept_in_, config)) {
  const int64_t elsewhere = place(room.devices);
  const int64_t kept = elsewhere + layers_within(room.budget, config_.layers - elsewhere);
  for (int64_t i = 0; i < kept; ++i) kept_.push_back(std::make_shared<LayerWeights>(read(weights_, i)));
  if (kept_in_ != weights_.quantised()) ::malloc_trim(0);  // what was used to make them lies between them
  if (!streams()) return;
  room_ = room.budget - (kept - elsewhere) * each_;
  for (int64_t i = kept; i < config_.layers; ++i) check(i);  // before hours of work
  passing_.resize(static_cast<size_t>(config_.layers));
  coming_.resize(static_cast<size_t>(config_.layers));
}

LayerRoom LayerRoom::asked_for() { return {weights_budget(), devices_of(weights_devices())}; }

std::vector<int64_t> spread_layers(int64_t layers, int64_t each, const std::vector<int64_t>& free) {
  std::vector<int64_t> taken;
  for (const int64_t bytes : free) {
    taken.push_back(std::min(layers, bytes / 5 * 4 / each));
    layers -= taken.back();
  }
  taken.push_back(layers);
  return taken;
}

int64_t LayerStore::place(const std::vector<at::Device>& devices) {
  if (devices.empty()) return 0;
  std::vector<int64_t> free;
  for (size_t i = 0; i + 1 < devices.size(); ++i) free.push_back(free_bytes(devices[i]));
  const auto taken = spread_layers(config_.layers, each_, free);
  for (size_t i = 0; i < devices.size(); ++i) device_.insert(device_.end(), static_cast<size_t>(taken[i]), devices[i]);
  return config_.layers - taken.back();
}

int64_t LayerStore::layers_within(int64_t budget, int64_t of) const {
  if (budget <= 0 || budget / each_ >= of) return of;
  if (budget < each_) {
    throw Error("--weights-budget {}: a layer of {} takes {} in {}; so much at least, or another storage, would work", amount(budget), weights_.folder().string(),
                amount(each_), name_of(kept_in_));
  }
  if ((kept_in_ == Storage::int8 || kept_in_ == Storage::nf4) && !weights_.quantised()) {
    throw Error("--weights-budget: {} would be quantised to {} anew for each pass; segue quantise does it once", weights_.folder().string(), name_of(kept_in_));
  }
  return budget / each_ - 1;
}

void LayerStore::check(int64_t layer) const {
  const std::string of = "model.layers." + std::to_string(layer) + ".";
  for (const char* norm : {"input_layernorm.weight", "post_attention_layernorm.weight"}) weights_.at(of + norm, {config_.width});
  for (size_t i = 0; i < LayerWeights::count; ++i) {
    const auto shape = LayerWeights::shape(config_, static_cast<LayerWeights::Linear>(i));
    weights_.require_matrix(of + LayerWeights::names[i] + ".weight", shape.out, shape.in, storage_);
    if (shape.bias) weights_.at(of + LayerWeights::names[i] + ".bias", {shape.out});
  }
}

LayerWeights LayerStore::read(const Checkpoint& from, int64_t layer) const {
  const std::string of = "model.layers." + std::to_string(layer) + ".";
  LayerWeights all;
  all.norm_before = from.tensor(of + "input_layernorm.weight", {config_.width});
  all.norm_between = from.tensor(of + "post_attention_layernorm.weight", {config_.width});
  for (size_t i = 0; i < LayerWeights::count; ++i) {
    const auto shape = LayerWeights::shape(config_, static_cast<LayerWeights::Linear>(i));
    const std::string name = of + LayerWeights::names[i];
    all.matrix[i] = from.matrix(name + ".weight", shape.out, shape.in, storage_);
    if (shape.bias) all.bias[i] = from.tensor(name + ".bias", {shape.out});
  }
  if (options_ || !device_.empty()) all.to(options_of(layer, options_.value_or(at::TensorOptions(at::kFloat))));
  return all;
}

std::shared_ptr<const LayerWeights> LayerStore::hold(int64_t layer) {
  if (layer < std::ssize(kept_)) return kept_[static_cast<size_t>(layer)];
  const auto i = static_cast<size_t>(layer);
  std::unique_lock<std::mutex> lock(guard_);
  for (;; changed_.wait(lock)) {
    if (auto known = passing_[i].lock()) return known;
    if (!coming_[i] && room_ >= each_) break;
  }
  room_ -= each_;
  coming_[i] = true;
  lock.unlock();
  const auto give_back = [this] {
    const std::lock_guard<std::mutex> again(guard_);
    room_ += each_;
    changed_.notify_all();
  };
  std::shared_ptr<const LayerWeights> held;
  std::exception_ptr failure;
  try {
    held = {new LayerWeights(read(copied_, layer)), [give_back](const LayerWeights* gone) {
              delete gone;
              give_back();
            }};
  } catch (...) {
    failure = std::current_exception();
    give_back();
  }
  lock.lock();
  passing_[i] = held;
  coming_[i] = false;
  changed_.notify_all();
  if (failure) std::rethrow_exception(failure);
  return held;
}

at::TensorOptions LayerStore::options_of(int64_t layer, const at::TensorOptions& options) const {
  return device_.empty() ? options : options.device(device_[static_cast<size_t>(layer)]);
}

void LayerStore::to(const at::TensorOptions& options) {
  options_ = options;
  for (size_t i = 0; i < kept_.size(); ++i) kept_[i]->to(options_of(static_cast<int64_t>(i), options));
}

}  // namespace segue
