#pragma once

#include <optional>
#include <string>
#include <vector>

#include "simulation/world.h"

namespace segue::simulation {

constexpr int genes = 58;

/// The MGPHot attributes (Oramas et al., 2025) in the data set's order, in snake_case.
const std::vector<std::string>& gene_names();

/// In twentieths, 0 … 20; nothing where the annotator left a gene out (one in ten), or the whole track (three in ten).
/// A gene of the lyrics follows a direction of the words block, one of the composition all of the latent, every other
/// one the sound and shared blocks; with noise. The directions are the same in all worlds.
std::vector<std::optional<int>> genes_of(const Track& track, Random random);

}  // namespace segue::simulation
