#pragma once

#include <functional>
#include <vector>

namespace segue {

/// The value of a smooth function at x; writes its gradient.
using Smooth = std::function<double(const std::vector<double>& x, std::vector<double>& gradient)>;

struct LbfgsOptions {
  int steps = 100;          // at most
  int memory = 8;           // earlier steps from which the curvature is guessed
  double tolerance = 1e-6;  // stops when a step lowers the value by less, relative to it
};

/// Walks downhill from x by L-BFGS (Liu & Nocedal, 1989), halving steps until they lower the value enough; leaves x at
/// the lowest point met and returns the value there. Meant for convex functions.
double minimise(const Smooth& function, std::vector<double>& x, const LbfgsOptions& options = {});

}  // namespace segue
