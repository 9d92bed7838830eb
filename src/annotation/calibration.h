#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <vector>

namespace segue {

/// A curve that never falls, from what was predicted to what experts say of such tracks, both 0 … 1.
struct Calibration {
  std::vector<float> from;  // ascending
  std::vector<float> to;    // as many
  /// Linear between two levels, that of the outermost outside. Without levels what comes is given back.
  float operator()(float predicted) const;
};

/// The curve of least absolute error through the levels that were predicted: medians of pooled neighbours (isotonic regression by
/// pool-adjacent-violators). Where all predictions are equal, or say nothing, it is the median of `expert`.
/// Throws std::invalid_argument: nothing to fit, not as many of both, a value that is no number.
Calibration fit_calibration(std::span<const float> predicted, std::span<const float> expert);

/// The middle one; the mean of the two in the middle of an even count. values: not empty, in any order.
float median(std::vector<float> values);

nlohmann::ordered_json to_json(const Calibration& calibration);
/// Throws Error where that is no such curve.
Calibration calibration_of(const nlohmann::json& json);

}  // namespace segue
