#include "experiments/cost.h"

#include <fstream>
#include <nlohmann/json.hpp>

namespace segue {
namespace {

nlohmann::json json_in(const Path& file) {
  std::error_code missing;
  return std::filesystem::exists(file, missing) ? nlohmann::json::parse(read_file(file), nullptr, false) : nlohmann::json();
}

}  // namespace

CostMeter::CostMeter() { std::ofstream("/proc/self/clear_refs") << 5; }  // the peak is what is there now

int64_t CostMeter::peak_bytes() const {
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key;) {
    int64_t kib = 0;
    if (key == "VmHWM:" && status >> kib) return kib << 10;
  }
  return 0;
}

std::optional<Cost> cost_in(const Path& folder) {
  const auto json = json_in(folder / "cost.json");
  if (!json.is_object()) return {};
  try {
    return Cost{json.at("learning_s").get<double>(), json.at("asking_s").get<double>(), json.at("memory_bytes").get<int64_t>()};
  } catch (const nlohmann::json::exception&) {
    return {};
  }
}

void write_cost(const Path& folder, const Cost& cost) {
  const nlohmann::ordered_json json{{"learning_s", cost.learning_s}, {"asking_s", cost.asking_s}, {"memory_bytes", cost.memory_bytes}};
  write_file(folder / "cost.json", json.dump(1) + "\n");
}

double seconds_of_steps(const Path& run) {
  const auto json = json_in(run / "metrics.json");
  return json.is_object() && json.contains("seconds") && json["seconds"].is_number() ? json["seconds"].get<double>() : 0;
}

}  // namespace segue
