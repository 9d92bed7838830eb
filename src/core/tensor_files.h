#pragma once

#include <map>
#include <string>

#include "core/safetensors.h"
#include "core/tensor.h"

namespace segue {

using NamedTensors = std::map<std::string, Tensor>;

/// The type of tensors with numbers of a kind.
at::ScalarType type_of(Kind kind);

/// A copy of one array, on the CPU, in its own kind of numbers.
Tensor tensor_of(const Array& array);

/// A contiguous tensor on the CPU as an array; it must outlive that.
Array array_of(const Tensor& tensor);

/// All arrays of a file.
NamedTensors read_tensors(const Path& path);

/// Aside, synced and renamed. Throws Error if the disk is full.
void write_tensors(const Path& path, const NamedTensors& tensors, const std::map<std::string, std::string>& metadata = {});

/// Copies `from[name]` into each tensor of `into`, in place. Throws Error naming `where` if one is missing, superfluous
/// or of another shape.
void copy_into(const NamedTensors& into, const NamedTensors& from, const std::string& where);

}  // namespace segue
