#include "core/tensor_files.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <cstring>

#include <fmt/ranges.h>

#include "core/error.h"

namespace segue {
namespace {

constexpr std::pair<Kind, at::ScalarType> kinds[] = {
    {Kind::f32, at::kFloat},  {Kind::f64, at::kDouble}, {Kind::f16, at::kHalf}, {Kind::bf16, at::kBFloat16},
    {Kind::i64, at::kLong},   {Kind::i32, at::kInt}, {Kind::i16, at::kShort}, {Kind::i8, at::kChar}, {Kind::u8, at::kByte},
    {Kind::boolean, at::kBool},
};

Kind kind_of(at::ScalarType type) {
  for (const auto& [kind, known] : kinds) {
    if (known == type) return kind;
  }
  throw std::invalid_argument("tensor_files: tensors of this type are not written");
}

}  // namespace

at::ScalarType type_of(Kind kind) {
  for (const auto& [known, type] : kinds) {
    if (known == kind) return type;
  }
  throw std::invalid_argument("tensor_files: no type for this kind");
}

Tensor tensor_of(const Array& array) {
  Tensor tensor = at::empty(array.shape, at::TensorOptions(type_of(array.kind)));
  if (!array.bytes.empty()) std::memcpy(tensor.mutable_data_ptr(), array.bytes.data(), array.bytes.size());
  return tensor;
}

Array array_of(const Tensor& tensor) {
  return {kind_of(tensor.scalar_type()), tensor.sizes().vec(), {static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()}};
}

NamedTensors read_tensors(const Path& path) {
  const Safetensors file(path);
  NamedTensors all;
  for (const auto& name : file.names()) all.emplace(name, tensor_of(file.at(name)));
  return all;
}

void write_tensors(const Path& path, const NamedTensors& tensors, const std::map<std::string, std::string>& metadata) {
  std::vector<Tensor> kept;  // contiguous on the CPU while they are written
  std::map<std::string, Array, std::less<>> arrays;
  for (const auto& [name, tensor] : tensors) {
    const Tensor& plain = kept.emplace_back(tensor.detach().to(at::kCPU).contiguous());
    arrays.emplace(name, array_of(plain));
  }
  write_safetensors(path, arrays, metadata);
}

void copy_into(const NamedTensors& into, const NamedTensors& from, const std::string& where) {
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : into) {
    const auto found = from.find(name);
    if (found == from.end()) throw Error("{}: no array '{}', which this configuration has", where, name);
    if (found->second.sizes() != tensor.sizes()) {
      throw Error("{}: array '{}' is [{}], but [{}] is wanted by this configuration", where, name,
                  fmt::join(found->second.sizes().vec(), ", "), fmt::join(tensor.sizes().vec(), ", "));
    }
    Tensor(tensor).copy_(found->second);
  }
  for (const auto& [name, tensor] : from) {
    if (into.find(name) == into.end()) throw Error("{}: array '{}' has no place in this configuration", where, name);
  }
}

}  // namespace segue
