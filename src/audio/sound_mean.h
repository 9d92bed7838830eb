#pragma once

#include <cstddef>
#include <vector>

struct AVFrame;

namespace segue {

/// Appends the plain mean of the frame's channels, integers divided by 2^(bits - 1). False if its format holds no samples
/// that we know.
bool append_mean(const AVFrame& frame, std::vector<float>& out);

/// The same of `channels` that take turns.
void append_mean(const float* samples, size_t count, size_t channels, std::vector<float>& out);

}  // namespace segue
