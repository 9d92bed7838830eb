#include "ranking/item_knn.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>

#include "core/parallel.h"

namespace segue {
namespace {

using Neighbour = ItemKnn::Neighbour;

/// Finds the neighbours of tracks from the places of their plays, so that memory follows the plays, not the pairs.
class Counting {
 public:
  Counting(const Lesson& lesson, ItemKnn::Options options)
      : lesson_(lesson), options_(options), plays_(learned_plays(lesson)), session_(number_sessions()) {
    places_ = Lists<int64_t>::of(log().tracks, [&](const auto& add) {
      for (int64_t i = 0; i < log().plays(); ++i) {
        if (counts(i)) add(log().track[static_cast<size_t>(i)], i);
      }
    });
  }

  Lists<Neighbour> all() const {
    constexpr int64_t block = 1024;
    const int64_t blocks = (log().tracks + block - 1) / block;
    std::vector<std::vector<std::vector<Neighbour>>> found(static_cast<size_t>(blocks));
    parallel_for(blocks, [&](int64_t b) {
      std::vector<int32_t> count(static_cast<size_t>(log().tracks), 0);
      for (int64_t a = b * block; a < std::min(log().tracks, (b + 1) * block); ++a) {
        found[static_cast<size_t>(b)].push_back(nearest(static_cast<int32_t>(a), count));
      }
    });
    return Lists<Neighbour>::of(log().tracks, [&](const auto& add) {
      int32_t a = 0;
      for (const auto& tracks : found) {
        for (const auto& track : tracks) {
          for (const auto& neighbour : track) add(a, neighbour);
          ++a;
        }
      }
    });
  }

 private:
  const Log& log() const { return lesson_.log; }

  bool counts(int64_t play) const {
    return lesson_.learns_from(play) && log().in_catalogue[static_cast<size_t>(log().track[static_cast<size_t>(play)])];
  }

  std::vector<int64_t> number_sessions() const {
    std::vector<int64_t> session(static_cast<size_t>(log().plays()));
    int64_t last = -1;
    for_each_listener(log(), [&](int32_t, int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        last += i == begin || log().opens[static_cast<size_t>(i)] != 0;
        session[static_cast<size_t>(i)] = last;
      }
    });
    return session;
  }

  /// count: [N] zeros, and zeros again afterwards.
  std::vector<Neighbour> nearest(int32_t a, std::vector<int32_t>& count) const {
    std::vector<Neighbour> near;
    for (const int64_t i : places_[a]) {
      const int64_t end = std::min(log().plays(), i + options_.window + 1);
      for (int64_t p = std::max<int64_t>(0, i - options_.window); p < end; ++p) {
        const auto b = log().track[static_cast<size_t>(p)];
        if (b == a || session_[static_cast<size_t>(p)] != session_[static_cast<size_t>(i)] || !counts(p)) continue;
        if (count[static_cast<size_t>(b)]++ == 0) near.push_back({b, 0});
      }
    }
    for (auto& [b, similarity] : near) {
      const auto product = plays_[static_cast<size_t>(a)] * plays_[static_cast<size_t>(b)];
      similarity = std::exchange(count[static_cast<size_t>(b)], 0) / std::sqrt(static_cast<double>(product));
    }
    keep_best(near);
    return near;
  }

  void keep_best(std::vector<Neighbour>& near) const {
    const auto most = static_cast<size_t>(options_.neighbours);
    if (near.size() > most) {
      std::nth_element(near.begin(), near.begin() + options_.neighbours, near.end(), [](const auto& x, const auto& y) {
        return x.similarity != y.similarity ? x.similarity > y.similarity : x.track < y.track;
      });
      near.resize(most);
    }
    std::sort(near.begin(), near.end(), [](const auto& x, const auto& y) { return x.track < y.track; });
    near.shrink_to_fit();
  }

  const Lesson& lesson_;
  ItemKnn::Options options_;
  std::vector<int64_t> plays_;    // [N] learned
  std::vector<int64_t> session_;  // of each play
  Lists<int64_t> places_;         // plays that count, by track
};

class ItemKnnScorer : public Scorer {
 public:
  ItemKnnScorer(const Lists<Neighbour>& neighbours, ItemKnn::Options options)
      : neighbours_(neighbours), options_(options) {}

  void hear(const Heard& play) override {
    latest_.push_front(play.track);
    if (latest_.size() > static_cast<size_t>(options_.plays)) latest_.pop_back();
  }

  void score(int64_t, Scores& out) override {
    const auto tracks = static_cast<int32_t>(neighbours_.first.size()) - 1;
    double age = 0;
    for (const auto heard : latest_) {
      const double weight = std::exp2(-age++ / options_.half_life);
      if (heard < 0 || heard >= tracks) continue;
      for (const auto& [track, similarity] : neighbours_[heard]) out.add(track, weight * similarity);
    }
  }

 private:
  const Lists<Neighbour>& neighbours_;
  ItemKnn::Options options_;
  std::deque<int32_t> latest_;  // the last play first
};

}  // namespace

ItemKnn::ItemKnn(const Lesson& lesson, Options options)
    : options_(options), neighbours_(Counting(lesson, options).all()) {}

std::unique_ptr<Scorer> ItemKnn::read(int32_t) const { return std::make_unique<ItemKnnScorer>(neighbours_, options_); }

}  // namespace segue
