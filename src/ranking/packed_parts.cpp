#include "ranking/packed_parts.h"

#include <cmath>
#include <stdexcept>

#include "core/error.h"

namespace segue {
namespace {

constexpr auto no_track = std::numeric_limits<int32_t>::max();

}  // namespace

void keep_best(std::vector<ScoredTrack>& all, int64_t k, const Catalogue& catalogue) {
  const auto better = [&](const ScoredTrack& a, const ScoredTrack& b) {
    return a.score != b.score ? a.score > b.score : sooner(catalogue, a.track, b.track);
  };
  const auto end = all.begin() + std::min(k, std::ssize(all));
  std::partial_sort(all.begin(), end, all.end(), better);
  all.erase(end, all.end());
}

Adjusted::Adjusted(const Queries& queries, int64_t count, int64_t tracks) {
  if (queries.adjustments.empty()) return;
  if (std::ssize(queries.adjustments) != count) throw std::invalid_argument("Adjusted: wants a list for every query");
  first_.push_back(0);
  for (const auto& list : queries.adjustments) {
    for (const auto& [track, amount] : list) {
      if (track < 0 || track >= tracks) throw std::invalid_argument("Adjusted: no such track");
      if (!(amount < INFINITY)) throw Error("track {} is adjusted by {}, but only -inf and numbers work", track, amount);
      entries_.push_back({track, 0, amount});
    }
    const auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(first_.back());
    std::sort(begin, entries_.end(), [](const Entry& a, const Entry& b) { return a.track < b.track; });
    const auto same = [](const Entry& a, const Entry& b) { return a.track == b.track; };
    if (std::adjacent_find(begin, entries_.end(), same) != entries_.end()) {
      throw std::invalid_argument("Adjusted: a query adjusts a track twice");
    }
    first_.push_back(entries_.size());
  }
}

std::span<Adjusted::Entry> Adjusted::of(int64_t query) {
  if (none()) return {};
  const auto q = static_cast<size_t>(query);
  return {entries_.data() + first_[q], first_[q + 1] - first_[q]};
}

Adjusted::Entry* Adjusted::find(int64_t query, int32_t track) {
  const auto all = of(query);
  const auto at = std::lower_bound(all.begin(), all.end(), track, [](const Entry& a, int32_t t) { return a.track < t; });
  return at != all.end() && at->track == track ? &*at : nullptr;
}

void Adjusted::check_scores() const {
  for (const auto& entry : entries_) {
    if (std::isnan(entry.score())) throw Error("the score of track {} is not a number", entry.track);
  }
}

AdjustedCursor::AdjustedCursor(Adjusted& adjusted, int64_t first, int64_t end, int32_t track)
    : adjusted_(adjusted), first_(first) {
  if (adjusted.none()) return;
  for (int64_t query = first; query < end; ++query) {
    const auto all = adjusted.of(query);
    const auto at = std::lower_bound(all.begin(), all.end(), track, [](const auto& a, int32_t t) { return a.track < t; });
    position_.push_back(static_cast<size_t>(at - all.begin()));
    next_.push_back(at == all.end() ? no_track : at->track);
  }
}

void AdjustedCursor::take(int64_t query, int64_t block, float* scores) {
  const auto i = static_cast<size_t>(query - first_);
  const auto all = adjusted_.of(query);
  const auto start = static_cast<int32_t>(block * PackedBlock::tracks);
  for (; position_[i] < all.size() && all[position_[i]].track < start + PackedBlock::tracks; ++position_[i]) {
    auto& entry = all[position_[i]];
    entry.product = scores[entry.track - start];
    scores[entry.track - start] = NAN;
  }
  next_[i] = position_[i] == all.size() ? no_track : all[position_[i]].track;
}

}  // namespace segue
