#include "fusion/track_signal.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "signals/signal.h"

namespace segue {
namespace {

/// The numbers as a tensor, not copied.
Tensor taken_over(std::vector<float> numbers, at::IntArrayRef shape) {
  auto kept = std::make_shared<std::vector<float>>(std::move(numbers));
  return at::from_blob(kept->data(), shape, [kept](void*) {}, at::TensorOptions(at::kFloat));
}

void refuse_no_numbers(const Signal& signal) {
  const auto bad = std::find_if(signal.vectors.begin(), signal.vectors.end(), [](float x) { return !std::isfinite(x); });
  if (bad == signal.vectors.end()) return;
  const int64_t at = bad - signal.vectors.begin(), D = signal.about.width;
  throw Error("signal '{}': number {} of track {} is {}; make it anew, or mask what is missing (encode --table takes such fields as missing)", signal.about.name, at % D + 1,
              signal.track[static_cast<size_t>(at / D)], *bad);
}

std::shared_ptr<const TrackSignal> read_signal(const Path& data, const std::string& name, const std::vector<int32_t>& data_track) {
  Signal signal = load_signal(data, name);
  refuse_no_numbers(signal);
  auto made = std::make_shared<TrackSignal>();
  made->name = name;
  made->space = signal.about.space_id();
  for (const int32_t track : data_track) {
    const size_t at = signal.find(track);
    const Known known = at == signal.size() ? Known::nothing : signal.known[at];
    made->row.push_back(known == Known::vector ? static_cast<int32_t>(at) : -1);
    made->silent.push_back(known == Known::instrumental ? 1 : 0);
  }
  if (made->known() == 0) {
    throw Error("signal '{}': knows none of the {} tracks of the log ({} of other tracks); `segue signals {}` shows what there is", name, data_track.size(),
                signal.count(Known::vector), data.string());
  }
  const auto n = static_cast<int64_t>(signal.size());
  if (!signal.mask.empty()) made->mask = taken_over({signal.mask.begin(), signal.mask.end()}, {n, signal.about.width});
  made->vectors = taken_over(std::move(signal.vectors), {n, signal.about.width});
  return made;
}

}  // namespace

int64_t TrackSignal::known() const { return std::count_if(row.begin(), row.end(), [](int32_t r) { return r >= 0; }); }

TrackSignals read_signals(const Path& data, const std::vector<std::string>& names, const std::vector<int32_t>& data_track) {
  TrackSignals all;
  for (const auto& name : names) all.push_back(read_signal(data, name, data_track));
  return all;
}

}  // namespace segue
