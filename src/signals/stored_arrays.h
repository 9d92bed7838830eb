#pragma once

#include <fmt/ranges.h>

#include <cstring>
#include <vector>

#include "core/error.h"
#include "core/safetensors.h"

namespace segue {

/// Values as an array of a file; they must outlive it.
template <class Values>
Array stored(Kind kind, const Values& values, std::vector<int64_t> shape) {
  return {kind, std::move(shape), std::as_bytes(std::span(values))};
}

/// The values of an array. Throws Error where it is of another kind or shape.
template <class T>
std::vector<T> values_of(const Safetensors& file, const std::string& name, Kind kind, const std::vector<int64_t>& shape) {
  const Array& array = file.at(name);
  if (array.kind != kind || array.shape != shape) {
    throw Error("{}: {} is of shape [{}]; [{}] is wanted", file.path().string(), name, fmt::join(array.shape, ", "), fmt::join(shape, ", "));
  }
  std::vector<T> values(static_cast<size_t>(array.size()));
  if (!values.empty()) std::memcpy(values.data(), array.bytes.data(), array.bytes.size());
  return values;
}

}  // namespace segue
