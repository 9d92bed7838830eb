#include "annotation/calibration.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <stdexcept>

#include "core/error.h"

namespace segue {
namespace {

float middle_of(const std::vector<float>& sorted) {
  const size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : 0.5f * (sorted[half - 1] + sorted[half]);
}

/// Levels that share one value.
struct Block {
  float first, last;           // of the levels
  std::vector<float> experts;  // ascending
  float middle;
};

void pool(std::vector<Block>& blocks) {
  while (blocks.size() > 1 && blocks[blocks.size() - 2].middle > blocks.back().middle) {
    const Block above = std::move(blocks.back());
    blocks.pop_back();
    Block& below = blocks.back();
    std::vector<float> both(below.experts.size() + above.experts.size());
    std::merge(below.experts.begin(), below.experts.end(), above.experts.begin(), above.experts.end(), both.begin());
    below = {below.first, above.last, std::move(both), 0};
    below.middle = middle_of(below.experts);
  }
}

}  // namespace

float Calibration::operator()(float predicted) const {
  if (from.empty()) return predicted;
  const auto above = static_cast<size_t>(std::upper_bound(from.begin(), from.end(), predicted) - from.begin());
  if (above == 0) return to.front();
  if (above == from.size()) return to.back();
  const float part = (predicted - from[above - 1]) / (from[above] - from[above - 1]);
  return to[above - 1] + part * (to[above] - to[above - 1]);
}

Calibration fit_calibration(std::span<const float> predicted, std::span<const float> expert) {
  const auto finite = [](float value) { return std::isfinite(value); };
  if (predicted.empty() || predicted.size() != expert.size() || !std::all_of(predicted.begin(), predicted.end(), finite) ||
      !std::all_of(expert.begin(), expert.end(), finite)) {
    throw std::invalid_argument("fit_calibration: as many numbers of both are wanted, at least one");
  }
  std::vector<size_t> order(predicted.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return predicted[a] < predicted[b]; });
  std::vector<Block> blocks;
  for (size_t i = 0; i < order.size();) {
    const float level = predicted[order[i]];
    Block block{level, level, {}, 0};
    for (; i < order.size() && predicted[order[i]] == level; ++i) block.experts.push_back(expert[order[i]]);
    std::sort(block.experts.begin(), block.experts.end());
    block.middle = middle_of(block.experts);
    blocks.push_back(std::move(block));
    pool(blocks);
  }
  Calibration curve;
  for (const auto& block : blocks) {
    for (const float level : {block.first, block.last}) {
      if (!curve.from.empty() && curve.from.back() == level) continue;  // a block of one level
      curve.from.push_back(level);
      curve.to.push_back(block.middle);
    }
  }
  return curve;
}

float median(std::vector<float> values) {
  if (values.empty()) throw std::invalid_argument("median: no values");
  std::sort(values.begin(), values.end());
  return middle_of(values);
}

nlohmann::ordered_json to_json(const Calibration& calibration) { return {{"from", calibration.from}, {"to", calibration.to}}; }

Calibration calibration_of(const nlohmann::json& json) {
  Calibration curve;
  try {
    json.at("from").get_to(curve.from);
    json.at("to").get_to(curve.to);
  } catch (const nlohmann::json::exception&) {
    throw Error("a calibration is two lists of numbers, 'from' and 'to'; got {}", json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).substr(0, 80));
  }
  const auto inside = [](float value) { return value >= 0 && value <= 1; };
  const bool rising = std::adjacent_find(curve.from.begin(), curve.from.end(), std::greater_equal<>()) == curve.from.end() &&
                      std::is_sorted(curve.to.begin(), curve.to.end());
  if (curve.from.size() != curve.to.size() || !rising || !std::all_of(curve.from.begin(), curve.from.end(), inside) ||
      !std::all_of(curve.to.begin(), curve.to.end(), inside)) {
    throw Error("a calibration of {} levels and {} values: as many are wanted, from 0 to 1, the levels rising and the values never falling", curve.from.size(), curve.to.size());
  }
  return curve;
}

}  // namespace segue
