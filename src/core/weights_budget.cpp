#include "core/weights_budget.h"

#include <mutex>
#include <utility>

namespace segue {
namespace {

struct Given {
  std::mutex guard;
  int64_t budget = 0;
  std::vector<std::string> devices;
};

Given& given() {
  static Given all;
  return all;
}

}  // namespace

void set_weights_budget(int64_t bytes) {
  const std::lock_guard lock(given().guard);
  given().budget = bytes;
}

int64_t weights_budget() {
  const std::lock_guard lock(given().guard);
  return given().budget;
}

void set_weights_devices(std::vector<std::string> names) {
  const std::lock_guard lock(given().guard);
  given().devices = std::move(names);
}

std::vector<std::string> weights_devices() {
  const std::lock_guard lock(given().guard);
  return given().devices;
}

}  // namespace segue
