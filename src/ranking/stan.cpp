#include "ranking/stan.h"

#include <cmath>

namespace segue {
namespace {

class StanScorer : public Scorer {
 public:
  StanScorer(const SessionIndex& index, int32_t who, Stan::Options options)
      : options_(options), neighbourhood_(index, who) {}

  void hear(const Heard& play) override { neighbourhood_.hear(play); }

  void score(int64_t now_ms, Scores& out) override {
    auto& near = neighbourhood_.find(now_ms, options_.longest, options_.sample, [&](int64_t back, int64_t) {
      return std::exp(-static_cast<double>(back - 1) / options_.query_plays);
    });
    for (auto& one : near) one.overlap *= closeness(one);
    keep_most_similar(near, options_.neighbours);
    for (const auto& one : near) add_tracks(one, out);
  }

 private:
  /// What turns the sum of the shared tracks' weights into the similarity. The cosine's division by the size of the
  /// query is left out: it is the same for all sessions.
  double closeness(const Neighbour& one) const {
    const auto session = static_cast<size_t>(one.session);
    const auto size = static_cast<double>(one.in->first[session + 1] - one.in->first[session]);
    const double days = static_cast<double>(one.distance_ms) / 86'400'000.0;
    return std::exp(-days / options_.between_days) / std::sqrt(size);
  }

  void add_tracks(const Neighbour& one, Scores& out) const {
    const auto session = static_cast<size_t>(one.session);
    const auto end = static_cast<size_t>(one.in->first[session + 1]);
    for (auto e = static_cast<size_t>(one.in->first[session]); e < end; ++e) {
      const double places = std::abs(one.in->place[e] - one.shared_place);
      out.add(one.in->track[e], one.overlap * std::exp(-places / options_.session_places));
    }
  }

  Stan::Options options_;
  Neighbourhood neighbourhood_;
};

}  // namespace

std::unique_ptr<Scorer> Stan::read(int32_t who) const { return std::make_unique<StanScorer>(index_, who, options_); }

}  // namespace segue
