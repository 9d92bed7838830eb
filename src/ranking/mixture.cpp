#include "ranking/mixture.h"

#include <fmt/format.h>

#include <cmath>

namespace segue {
namespace {

class MixtureScorer : public Scorer {
 public:
  MixtureScorer(Ensemble ensemble, const Mixture::Options& options)
      : ensemble_(std::move(ensemble)), options_(options) {}

  void hear(const Heard& play) override { ensemble_.hear(play); }

  void score(int64_t now_ms, Scores& out) override {
    ensemble_.ask(now_ms, [&](size_t c, const Scores& scores, double total) {
      const double weight = options_.parts[c].weight, unit = 1 / (total * options_.eps);
      for_each_score(scores, [&](int32_t j, double score) { out.add(j, weight * std::log1p(score * unit)); });
    });
  }

 private:
  Ensemble ensemble_;
  const Mixture::Options& options_;
};

}  // namespace

Ensemble::Ensemble(const std::vector<std::unique_ptr<Ranker>>& rankers, int32_t who, Pool<Scores>::Lease scores)
    : scores_(std::move(scores)) {
  for (const auto& ranker : rankers) scorers_.push_back(ranker->read(who));
}

void Ensemble::hear(const Heard& play) {
  for (auto& scorer : scorers_) scorer->hear(play);
}

void Ensemble::ask(int64_t now_ms, const std::function<void(size_t, const Scores&, double)>& visit) {
  for (size_t c = 0; c < scorers_.size(); ++c) {
    scores_->clear();
    scorers_[c]->score(now_ms, *scores_);
    double total = 0;
    for_each_score(*scores_, [&](int32_t, double score) { total += score; });
    if (total > 0) visit(c, *scores_, total);
  }
}

Mixture::Mixture(const Lesson& lesson, Options options) 
    : scores_([tracks = lesson.log.tracks] { return std::make_unique<Scores>(tracks); }), options_(std::move(options)) {
  for (const auto& part : options_.parts) rankers_.push_back(rankers().at(part.ranker)(lesson));
}

std::unique_ptr<Scorer> Mixture::read(int32_t who) const {
  return std::make_unique<MixtureScorer>(Ensemble(rankers_, who, scores_.lease()), options_);
}

std::string Mixture::note() const {
  std::string text = fmt::format("eps {:g}", options_.eps);
  for (const auto& part : options_.parts) text += fmt::format(", {} {:g}", part.ranker, part.weight);
  return text;
}

}  // namespace segue
