#pragma once

#include <span>
#include <string>

#include "core/tensor.h"

namespace segue {

/// Turns texts of any length into vectors.
class TextEncoder {
 public:
  virtual ~TextEncoder() = default;

  /// Numbers in a vector.
  virtual int64_t width() const = 0;
  /// What its vectors depend on besides the text: name, weights, pooling. Two encoders that say the same make the same.
  virtual std::string space() const = 0;

  /// float [texts, width()], a row for each text, whatever the others are; no gradient. A text that is longer than the model
  /// reads at once is read in overlapping chunks, whose vectors are averaged by their numbers of tokens.
  virtual Tensor encode(std::span<const std::string> texts) const = 0;
};

}  // namespace segue
