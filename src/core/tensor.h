#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace segue {

using at::Tensor;

/// A copy of numbers as a tensor on the CPU: float32, int64, int32 or bool by the type of the vector.
Tensor tensor_of(std::span<const float> values, at::IntArrayRef shape);
Tensor tensor_of(std::span<const int64_t> values, at::IntArrayRef shape);
Tensor tensor_of(std::span<const int32_t> values, at::IntArrayRef shape);

/// The numbers of a tensor, row by row, on the CPU.
std::vector<float> floats_of(const Tensor& tensor);

/// "cpu", "cuda:0", …; "cuda" is the first GPU, or by torchrun's LOCAL_RANK. Throws Error on another word and where there is no such device.
at::Device device_of(const std::string& name);
/// Throws Error besides where one is named twice.
std::vector<at::Device> devices_of(const std::vector<std::string>& names);

}  // namespace segue
