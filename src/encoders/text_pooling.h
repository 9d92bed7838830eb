#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/tensor.h"

namespace segue {

/// Makes one vector of the states of a text's tokens, as a sentence-transformers folder says how.
class TextPooling {
 public:
  using Part = Tensor (*)(const Tensor& states);

  /// The mean.
  TextPooling();
  /// The config.json of a pooling module, older spelling (pooling_mode_mean_tokens: true, …) or newer (pooling_mode: mean).
  /// Throws Error on a way of pooling that is not known, and where none is chosen; `where` is the file.
  TextPooling(const nlohmann::json& config, const std::string& where);

  /// states float [tokens, D] → [D · parts()]
  Tensor operator()(const Tensor& states) const;
  int64_t parts() const { return static_cast<int64_t>(parts_.size()); }
  std::string name() const;  // "mean", "cls+max", …

 private:
  std::vector<std::string> names_;
  std::vector<Part> parts_;
};

}  // namespace segue
