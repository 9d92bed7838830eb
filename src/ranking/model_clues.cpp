#include "ranking/model_clues.h"

#include <algorithm>
#include <cmath>

namespace segue {
namespace {

/// ln(1 + share / eps) / ln(1 + 1 / eps), as other rankers' shares are shown.
float clue_of(double share, double eps) { return static_cast<float>(std::log1p(share / eps) / std::log1p(1 / eps)); }

/// Softmax over the model's own best tracks.
TrackShares shares_of(const std::vector<ScoredTrack>& best) {
  TrackShares shares;
  double sum = 0;
  for (const auto& one : best) sum += std::exp(one.score - best.front().score);
  for (const auto& one : best) shares.emplace_back(one.track, std::exp(one.score - best.front().score) / sum);
  std::sort(shares.begin(), shares.end());
  return shares;
}

double share_of(const TrackShares& shares, int32_t track) {
  const auto at = std::lower_bound(shares.begin(), shares.end(), std::pair(track, 0.0));
  return at == shares.end() || at->first != track ? 0.0 : at->second;
}

}  // namespace

ModelClues::ModelClues(const VectorModel& model, const PackedVectors& plain, const Log& log, std::span<const Asked> asked, std::vector<float> states,
                       const Catalogue& catalogue, const Options& options)
    : model_(model), plain_(plain), width_(static_cast<size_t>(model.width)), states_(std::move(states)) {
  if (asked.empty()) return;
  for (const auto& best : plain.best({states_}, options.candidates, catalogue)) best_.push_back(shares_of(best));
  memory_ = recalled(model, log, asked, states_, options.memory);
}

std::vector<int32_t> ModelClues::candidates(size_t q) const {
  std::vector<int32_t> tracks;
  for (const auto* shares : {&best_[q], &memory_[q]}) {
    for (const auto& [track, share] : *shares) tracks.push_back(track);
  }
  return tracks;
}

const Evidence& ModelClues::widened(size_t q, const Evidence& evidence) {
  const size_t rows = evidence.track.size(), narrow = rows == 0 ? 0 : evidence.clues.size() / rows, width = narrow + names.size();
  wide_.state = evidence.state;
  wide_.track = evidence.track;
  wide_.clues.assign(rows * width, 0.0F);
  for (size_t r = 0; r < rows; ++r) {
    float* row = std::copy_n(evidence.clues.begin() + static_cast<std::ptrdiff_t>(r * narrow), narrow, wide_.clues.data() + r * width);
    const int32_t track = evidence.track[r];
    const bool known = model_.known[static_cast<size_t>(track)] != 0;
    const double best = share_of(best_[q], track), memory = share_of(memory_[q], track);
    row[0] = known ? static_cast<float>(plain_.product(state(q).data(), track) * unit) : 0.0F;
    row[1] = clue_of(best, 1);
    row[2] = clue_of(best, 1e-2);
    row[3] = clue_of(memory, 1);
    row[4] = clue_of(memory, 1e-2);
    row[5] = clue_of(memory, 1e-4);
    row[6] = known ? 0.0F : 1.0F;
  }
  return wide_;
}

}  // namespace segue
