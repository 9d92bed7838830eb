#include "simulation/listeners.h"

#include <fmt/format.h>

#include <algorithm>

#include "simulation/arithmetic.h"
#include "simulation/genres.h"

namespace segue::simulation {
namespace {

/// Sizes in proportion to exp(0.45 * normal), at least two, that add up to `total`.
std::vector<int64_t> sizes(Random& random, int64_t count, int64_t total) {
  std::vector<double> wish(count);
  double sum = 0.0;
  for (double& size : wish) sum += size = growth(0.45 * std::clamp(bell(random), -2.0, 2.0));
  std::vector<int64_t> sizes;
  int64_t left = total;
  for (const double size : wish) {
    sizes.push_back(std::max<int64_t>(2, static_cast<int64_t>(size / sum * static_cast<double>(total))));
    left -= sizes.back();
  }
  auto most = std::max_element(sizes.begin(), sizes.end());
  *most = std::max<int64_t>(2, *most + left);
  return sizes;
}

}  // namespace

std::vector<Listener> make_listeners(const ListenersOptions& options) {
  Random random = random_of(options.seed, Stream::listeners);
  const std::vector<int64_t> plays = sizes(random, options.listeners, options.plays);
  const double span_s = static_cast<double>(options.end_s - options.begin_s);
  std::vector<Listener> listeners;
  for (int64_t i = 0; i < options.listeners; ++i) {
    Listener listener;
    listener.name = fmt::format("user_{:06}", i + 1);
    listener.plays = plays[i];
    // Most listen from first to last; a fifth come late, a tenth leave early.
    const double late = random.uniform(), late_by = random.uniform(), early = random.uniform(), early_by = random.uniform();
    listener.begin_s = options.begin_s + static_cast<int64_t>(late < 0.2 ? 0.4 * late_by * span_s : 0.01 * late_by * span_s);
    listener.end_s = options.end_s - static_cast<int64_t>(early < 0.1 ? 0.3 * early_by * span_s : 0.01 * early_by * span_s);
    listener.session_plays = 8.0 + 10.0 * random.uniform();
    for (size_t g = 0; g < genres().size(); ++g) listener.home.push_back(1.5 * bell(random));
    listeners.push_back(std::move(listener));
  }
  return listeners;
}

}  // namespace segue::simulation
