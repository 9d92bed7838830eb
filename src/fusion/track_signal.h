#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/files.h"
#include "core/tensor.h"

namespace segue {

/// What one signal says of the tracks of a log. Its vectors stay on the CPU: a step asks for a few of them.
struct TrackSignal {
  std::string name;             // of its folder in the data folder
  std::string space;            // its id: vectors of another are never mixed with these
  Tensor vectors;               // float [n, D_s]
  Tensor mask;                  // float [n, D_s] 1 where a number is known; undefined: all are
  std::vector<int32_t> row;     // [N] of each track of the log, -1 where nothing is known of it
  std::vector<uint8_t> silent;  // [N] 1 where it is known that there is nothing to be told (no words in it)

  int64_t width() const { return vectors.size(1); }
  /// Tracks of the log that it knows.
  int64_t known() const;
};
using TrackSignals = std::vector<std::shared_ptr<const TrackSignal>>;

/// Reads signals of a data folder for the tracks of a log. data_track: [N] number of each in the data folder; the folder may
/// have more tracks or fewer than the signal. Throws Error: no such signal, damaged files, numbers that are none, a signal
/// that knows no track of the log.
TrackSignals read_signals(const Path& data, const std::vector<std::string>& names, const std::vector<int32_t>& data_track);

}  // namespace segue
