#include "encoders/network_config.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>

#include "core/registry.h"

namespace segue {
namespace {

using Json = nlohmann::json;

constexpr int64_t most = 1 << 24;  // of any size in a config

Tensor gelu(const Tensor& x) { return at::gelu(x); }
Tensor gelu_by_tanh(const Tensor& x) { return at::gelu(x, "tanh"); }
Tensor gelu_by_sigmoid(const Tensor& x) { return x * at::sigmoid(1.702 * x); }
Tensor relu(const Tensor& x) { return at::relu(x); }
Tensor silu(const Tensor& x) { return at::silu(x); }
Tensor tanh(const Tensor& x) { return at::tanh(x); }

const Registry<Activation>& activations() {
  static const Registry<Activation> table{
      "activation",
      {
          {"gelu", gelu},
          {"gelu_new", gelu_by_tanh},
          {"gelu_fast", gelu_by_tanh},
          {"gelu_pytorch_tanh", gelu_by_tanh},
          {"quick_gelu", gelu_by_sigmoid},
          {"relu", relu},
          {"silu", silu},
          {"swish", silu},
          {"tanh", tanh},
      },
  };
  return table;
}

}  // namespace

NetworkConfig::NetworkConfig(const Path& file) : where_(file.string()) {
  if (!std::filesystem::exists(file)) throw Error("{}: no {} here; a folder in the layout of Hugging Face would work", file.parent_path().string(), file.filename().string());
  json_ = Json::parse(read_file(file), nullptr, false);
  if (!json_.is_object()) throw Error("{}: damaged", where_);
}

NetworkConfig NetworkConfig::if_there(const Path& file) { return std::filesystem::exists(file) ? NetworkConfig(file) : NetworkConfig(Json::object(), file.string()); }

void NetworkConfig::check(const char* name, int64_t size, int64_t least) const {
  if (size < least || size > most) throw Error("{}: {} is {}", where_, name, size);
}

int64_t NetworkConfig::size(const char* name, int64_t otherwise, int64_t least) const {
  const auto size = get(name, otherwise);
  check(name, size, least);
  return size;
}

std::vector<int64_t> NetworkConfig::sizes(const char* name, const std::vector<int64_t>& otherwise) const {
  const auto sizes = get(name, otherwise);
  for (const int64_t size : sizes) check(name, size, 1);
  if (sizes.empty()) throw Error("{}: {} is empty", where_, name);
  return sizes;
}

std::vector<int64_t> NetworkConfig::pair(const char* name, int64_t otherwise) const {
  const bool one = !has(name) || json_.at(name).is_number();
  const auto both = one ? std::vector<int64_t>(2, size(name, otherwise)) : sizes(name, {});
  if (both.size() != 2) throw Error("{}: {} has {} numbers; one or two would do", where_, name, both.size());
  return both;
}

NetworkConfig NetworkConfig::section(const char* name) const {
  auto json = get(name, Json::object());
  if (!json.is_object()) throw Error("{}: {} should be a section", where_, name);
  return {std::move(json), where_ + ", " + name};
}

std::string model_type_of(const Path& folder) { return NetworkConfig(folder / "config.json").get("model_type", std::string()); }

Activation activation_of(const NetworkConfig& config, const char* name, const std::string& otherwise) {
  try {
    return activations().at(config.get(name, otherwise));
  } catch (const Error& unknown) {
    throw Error("{}: {}: {}", config.where(), name, unknown.what());
  }
}

}  // namespace segue
