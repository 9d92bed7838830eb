#include "core/tensor.h"

#include <ATen/Context.h>
#include <ATen/ops/from_blob.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>

#include "core/error.h"

namespace segue {
namespace {

template <class T>
Tensor copy_of(std::span<const T> values, at::IntArrayRef shape, at::ScalarType type) {
  return at::from_blob(const_cast<T*>(values.data()), shape, at::TensorOptions(type)).clone();
}

}  // namespace

Tensor tensor_of(std::span<const float> values, at::IntArrayRef shape) { return copy_of(values, shape, at::kFloat); }
Tensor tensor_of(std::span<const int64_t> values, at::IntArrayRef shape) { return copy_of(values, shape, at::kLong); }
Tensor tensor_of(std::span<const int32_t> values, at::IntArrayRef shape) { return copy_of(values, shape, at::kInt); }

std::vector<float> floats_of(const Tensor& tensor) {
  const Tensor flat = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
  return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}

at::Device device_of(const std::string& name) {
  if (name == "cpu") return at::kCPU;
  try {
    const at::Device device(name);
    if (device.is_cuda()) {
      if (!at::hasCUDA()) throw Error("--device {}: this libtorch was built without CUDA; known here: cpu", name);
      const auto count = static_cast<int>(at::detail::getCUDAHooks().deviceCount());
      const char* const local = std::getenv("LOCAL_RANK");  // torchrun's processes on one machine take a GPU each
      const auto own = static_cast<c10::DeviceIndex>(local == nullptr ? 0 : std::atoi(local));
      const at::Device whole(at::kCUDA, device.has_index() ? device.index() : own);
      if (whole.index() >= count) throw Error("--device {}: there are {} CUDA devices here", name, count);
      return whole;
    }
  } catch (const c10::Error&) {  // not a word that libtorch knows
  }
  throw Error("--device {}: known are cpu, cuda and cuda:0, cuda:1, …", name);
}

std::vector<at::Device> devices_of(const std::vector<std::string>& names) {
  std::vector<at::Device> all;
  for (const auto& name : names) {
    const auto device = device_of(name);
    if (std::find(all.begin(), all.end(), device) != all.end()) throw Error("--device {}: {} is named twice", fmt::join(names, ","), name);
    all.push_back(device);
  }
  return all;
}

}  // namespace segue
