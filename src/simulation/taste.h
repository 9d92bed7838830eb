#pragma once

#include <cstdint>
#include <vector>

#include "simulation/world.h"

namespace segue::simulation {

/// What a listener likes: a mixture of genres and an own direction. Both wander slowly.
class Taste {
 public:
  Taste(const World& world, const std::vector<double>& home, Random& random)
      : world_(world), home_(home), liking_(home), own_(any_direction(random)) {
    mix();
  }

  /// A small step, back towards home in the long run.
  void wander(Random& random) {
    for (size_t g = 0; g < liking_.size(); ++g) {
      const double away = liking_[g] - home_[g];
      liking_[g] += 0.2 * bell(random);
      liking_[g] -= 0.02 * away;
    }
    own_ = unit(mixed(own_, 1.0, any_direction(random), 0.15));
    mix();
  }

  const Latent& latent() const { return latent_; }
  int32_t any_genre(Random& random) const { return static_cast<int32_t>(draw(random, shares_)); }

 private:
  void mix() {
    shares_.clear();
    Latent sum{};
    for (size_t g = 0; g < liking_.size(); ++g) {
      shares_.push_back(growth(liking_[g]));
      sum = mixed(sum, 1.0, world_.centres[g], shares_.back());
    }
    latent_ = unit(mixed(unit(sum), 1.0, own_, 0.6));
  }

  const World& world_;
  std::vector<double> home_, liking_, shares_;
  Latent own_, latent_;
};

}  // namespace segue::simulation
