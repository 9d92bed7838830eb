#include "core/weights_budget.h"

#include <atomic>
#include <utility>

namespace segue {
namespace {

std::atomic<int64_t> budget{0};
std::vector<std::string> devices;

}  // namespace

void set_weights_budget(int64_t bytes) { budget = bytes; }

int64_t weights_budget() { return budget; }

void set_weights_devices(std::vector<std::string> names) { devices = std::move(names); }

const std::vector<std::string>& weights_devices() { return devices; }

}  // namespace segue
