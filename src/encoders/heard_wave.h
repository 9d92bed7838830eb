#pragma once

#include <span>

#include "encoders/sound_encoder.h"

namespace segue {

/// A wave as it may be given to an encoder, row by row in memory. Throws std::invalid_argument: not one channel of f32 on the
/// CPU, or shorter than the shortest that it hears. Throws Error where a number is not finite, or far beyond ±1.
Tensor heard_wave(const SoundEncoder& encoder, const Tensor& wave);
std::span<const float> samples_of(const Tensor& wave);

}  // namespace segue
