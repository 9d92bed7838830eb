#include "experiments/records.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

namespace segue {
namespace {

std::vector<CurvePoint> curve_in(const Path& run) {
  std::vector<CurvePoint> curve;
  const Path file = run / "log.ndjson";
  if (!std::filesystem::exists(file)) return curve;
  std::istringstream lines(read_file(file));
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object() || json.value("event", "") != "validation") continue;
    curve.push_back({json.value("epoch", 0.0), json.value("ndcg@10", 0.0)});
  }
  return curve;
}

}  // namespace

std::optional<Cost> mean_cost(const std::vector<Path>& folders) {
  Cost sum;
  double n = 0;
  for (const auto& folder : folders) {
    const auto cost = cost_in(folder);
    if (!cost) continue;
    ++n;
    sum.learning_s += cost->learning_s;
    sum.asking_s += cost->asking_s;
    sum.memory_bytes = std::max(sum.memory_bytes, cost->memory_bytes);
  }
  if (n == 0) return {};
  return Cost{sum.learning_s / n, sum.asking_s / n, sum.memory_bytes};
}

std::vector<CurvePoint> mean_curve(const std::vector<Path>& runs) {
  std::vector<std::vector<CurvePoint>> curves;
  for (const auto& run : runs) {
    if (auto curve = curve_in(run); !curve.empty()) curves.push_back(std::move(curve));
  }
  if (curves.empty()) return {};
  size_t length = curves.front().size();
  for (const auto& curve : curves) length = std::min(length, curve.size());
  std::vector<CurvePoint> mean(length);
  const auto n = static_cast<double>(curves.size());
  for (size_t i = 0; i < length; ++i) {
    for (const auto& curve : curves) {
      mean[i].epochs += curve[i].epochs / n;
      mean[i].ndcg_10 += curve[i].ndcg_10 / n;
    }
  }
  return mean;
}

}  // namespace segue
