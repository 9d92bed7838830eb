#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/files.h"

namespace segue {

/// An array as NumPy keeps it in a file.
struct Npy {
  std::vector<int64_t> shape;
  std::vector<double> values;  // row by row
};

/// Reads floats, whole numbers and booleans in the order of C. Throws Error: not npy, cut short, of another kind or order,
/// pickled objects.
Npy read_npy(const Path& path);

}  // namespace segue
