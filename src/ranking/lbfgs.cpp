#include "ranking/lbfgs.h"

#include <cmath>
#include <deque>
#include <numeric>

namespace segue {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

void add(Vector& to, double factor, const Vector& what) {
  for (size_t i = 0; i < to.size(); ++i) to[i] += factor * what[i];
}

/// The last steps and the changes of the gradient over them.
class Curvature {
 public:
  explicit Curvature(int memory) : memory_(static_cast<size_t>(memory)) {}

  void learn(Vector step, Vector change) {
    const double along = dot(step, change);
    if (along <= 1e-12 * dot(change, change)) return;  // not convex there, or nothing but rounding
    pairs_.push_back({std::move(step), std::move(change), 1 / along});
    if (pairs_.size() > memory_) pairs_.pop_front();
  }

  /// Minus the inverse of the guessed Hessian, times the gradient: the two-loop recursion.
  Vector downhill(const Vector& gradient) const {
    Vector q = gradient, along(pairs_.size());
    for (size_t i = pairs_.size(); i-- > 0;) {
      along[i] = pairs_[i].inverse * dot(pairs_[i].step, q);
      add(q, -along[i], pairs_[i].change);
    }
    const double scale = pairs_.empty() ? 1 / std::max(1.0, std::sqrt(dot(gradient, gradient)))
                                        : 1 / (pairs_.back().inverse * dot(pairs_.back().change, pairs_.back().change));
    for (auto& value : q) value *= scale;
    for (size_t i = 0; i < pairs_.size(); ++i) {
      add(q, along[i] - pairs_[i].inverse * dot(pairs_[i].change, q), pairs_[i].step);
    }
    for (auto& value : q) value = -value;
    return q;
  }

 private:
  struct Pair {
    Vector step, change;
    double inverse;  // of their product
  };
  size_t memory_;
  std::deque<Pair> pairs_;
};

}  // namespace

double minimise(const Smooth& function, Vector& x, const LbfgsOptions& options) {
  Curvature curvature(options.memory);
  Vector gradient(x.size()), next_gradient(x.size());
  double value = function(x, gradient);
  for (int step = 0; step < options.steps; ++step) {
    const Vector direction = curvature.downhill(gradient);
    const double slope = dot(direction, gradient);
    if (!(slope < 0)) break;
    Vector next;
    double length = 1, next_value = value;
    for (int halving = 0; halving < 30; ++halving, length /= 2) {
      next = x;
      add(next, length, direction);
      next_value = function(next, next_gradient);
      if (next_value <= value + 1e-4 * length * slope) break;  // Armijo's condition; false for NaN
    }
    if (!(next_value < value)) break;
    const double gain = value - next_value;
    Vector moved = next, change = next_gradient;
    add(moved, -1, x);
    add(change, -1, gradient);
    curvature.learn(std::move(moved), std::move(change));
    x = std::move(next);
    std::swap(gradient, next_gradient);
    value = next_value;
    if (gain < options.tolerance * std::abs(value)) break;
  }
  return value;
}

}  // namespace segue
