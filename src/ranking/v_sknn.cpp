#include "ranking/v_sknn.h"

namespace segue {
namespace {

class VSknnScorer : public Scorer {
 public:
  VSknnScorer(const SessionIndex& index, int32_t who, VSknn::Options options)
      : options_(options), neighbourhood_(index, who) {}

  void hear(const Heard& play) override { neighbourhood_.hear(play); }

  void score(int64_t now_ms, Scores& out) override {
    // A track weighs its place in the query: 1 for the oldest play. The paper divides by the query's size, which is
    // the same for all sessions.
    auto& near = neighbourhood_.find(now_ms, options_.longest, options_.sample, [](int64_t back, int64_t size) {
      return static_cast<double>(size - back + 1);
    });
    keep_most_similar(near, options_.neighbours);
    for (const auto& one : near) {
      const double score = one.overlap / one.back;
      const auto session = static_cast<size_t>(one.session);
      const auto end = static_cast<size_t>(one.in->first[session + 1]);
      for (auto e = static_cast<size_t>(one.in->first[session]); e < end; ++e) out.add(one.in->track[e], score);
    }
  }

 private:
  VSknn::Options options_;
  Neighbourhood neighbourhood_;
};

}  // namespace

std::unique_ptr<Scorer> VSknn::read(int32_t who) const {
  return std::make_unique<VSknnScorer>(index_, who, options_);
}

}  // namespace segue
