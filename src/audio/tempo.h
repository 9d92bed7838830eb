#pragma once

#include "audio/spectra.h"

namespace segue {

/// How much louder the bands of each frame are than those of the frame before, on average: from decibels [frames][bands], one
/// number for each frame, later by half a window, as librosa.onset.onset_strength has it.
std::vector<float> onset_strength(const Eights& decibels, const Spectra::Options& options);

/// Beats a minute: the lag at which the onsets of eight seconds around each frame are most like themselves, with a
/// preference for 120, as librosa.feature.tempo has it.
double tempo(std::span<const float> onsets, int sample_rate_hz, int64_t hop);

}  // namespace segue
