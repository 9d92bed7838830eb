#pragma once

#include <ATen/ops/randn.h>

#include <memory>
#include <string>
#include <vector>

#include "fusion/track_signal.h"

namespace segue {

/// A signal of so many tracks. knows: which of them it knows; each of these has a row, in their order.
inline std::shared_ptr<TrackSignal> made_signal(const std::string& name, const Tensor& vectors, const std::vector<bool>& knows) {
  auto made = std::make_shared<TrackSignal>();
  made->name = name;
  made->space = "made";
  made->vectors = vectors;
  int32_t next = 0;
  for (const bool known : knows) made->row.push_back(known ? next++ : -1);
  made->silent.assign(knows.size(), 0);
  return made;
}

/// Random numbers of tracks of which every third is not known, counted from `from`.
inline std::shared_ptr<TrackSignal> random_signal(const std::string& name, int64_t tracks, int64_t width, int64_t from = 0) {
  std::vector<bool> knows;
  int64_t known = 0;
  for (int64_t j = 0; j < tracks; ++j) {
    knows.push_back((j + from) % 3 != 0);
    known += knows.back() ? 1 : 0;
  }
  return made_signal(name, at::randn({known, width}) * 3 + 1, knows);
}

}  // namespace segue
