#include "ranking/fused.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/parallel.h"
#include "ranking/learned.h"

namespace segue {
namespace {

constexpr double unit = 0.1;  // of a score, so that its weight is of the size of the others

/// ln(1 + share / eps) / ln(1 + 1 / eps), as other rankers' shares are shown.
float clue_of(double share, double eps) { return static_cast<float>(std::log1p(share / eps) / std::log1p(1 / eps)); }

/// The clues of the model's own best tracks, by track.
std::vector<std::pair<int32_t, double>> shares_of(const std::vector<ScoredTrack>& best) {
  std::vector<std::pair<int32_t, double>> shares;
  double sum = 0;
  for (const auto& one : best) sum += std::exp(one.score - best.front().score);
  for (const auto& one : best) shares.emplace_back(one.track, std::exp(one.score - best.front().score) / sum);
  std::sort(shares.begin(), shares.end());
  return shares;
}

/// Evidence with the model's clues behind those of the counters.
class Widened {
 public:
  const Evidence& operator()(const Evidence& evidence, const float* state, const std::vector<ScoredTrack>& best, const PackedVectors& plain,
                             const std::vector<uint8_t>& known) {
    const size_t rows = evidence.track.size(), narrow = rows == 0 ? 0 : evidence.clues.size() / rows, width = narrow + Fused::clues;
    const auto shares = shares_of(best);
    wide_.state = evidence.state;
    wide_.track = evidence.track;
    wide_.clues.assign(rows * width, 0.0F);
    for (size_t r = 0; r < rows; ++r) {
      float* row = wide_.clues.data() + r * width;
      std::copy_n(evidence.clues.begin() + static_cast<std::ptrdiff_t>(r * narrow), narrow, row);
      const int32_t track = evidence.track[r];
      if (known[static_cast<size_t>(track)] == 0) {
        row[narrow + 3] = 1;
        continue;
      }
      row[narrow] = static_cast<float>(plain.product(state, track) * unit);
      const auto at = std::lower_bound(shares.begin(), shares.end(), std::pair(track, 0.0));
      if (at == shares.end() || at->first != track) continue;
      row[narrow + 1] = clue_of(at->second, 1);
      row[narrow + 2] = clue_of(at->second, 1e-2);
    }
    return wide_;
  }

 private:
  Evidence wide_;
};

std::vector<int32_t> tracks_of(const std::vector<ScoredTrack>& best) {
  std::vector<int32_t> tracks;
  for (const auto& one : best) tracks.push_back(one.track);
  return tracks;
}

}  // namespace

class FusedScorer : public Scorer {
 public:
  /// Finds the model's best tracks for all that will be asked about this listener at once.
  FusedScorer(const Fused& fused, int32_t who) : fused_(fused), reader_(*fused.clues_, who), who_(who), numbers_(fused.states_->about(who)) {
    std::sort(numbers_.begin(), numbers_.end());
    std::vector<float> states;
    for (const size_t number : numbers_) {
      const auto state = fused.states_->of(number);
      states.insert(states.end(), state.begin(), state.end());
    }
    if (!states.empty()) best_ = fused.plain_->best({states}, static_cast<int64_t>(fused.options_.candidates), fused.catalogue_);
  }

  void hear(const Heard& play) override {
    reader_.hear(play);
    ++heard_;
  }

  void score(int64_t now_ms, Scores& out) override {
    const size_t number = fused_.states_->number(who_, heard_, now_ms);
    const auto state = fused_.states_->of(number);
    const auto& best = best_[static_cast<size_t>(std::lower_bound(numbers_.begin(), numbers_.end(), number) - numbers_.begin())];
    const auto more = tracks_of(best);
    const auto& evidence = widened_(reader_.ask(now_ms, fused_.options_.candidates, {}, more), state.data(), best, *fused_.plain_, fused_.known_);
    const auto weights = fused_.gate_.weights(evidence.state);
    // What every track has goes into the query: the model's score, that nothing is known, everyone's plays.
    const size_t width = weights.size(), narrow = width - Fused::clues, plays = narrow - 1;
    const auto query = out.products(*fused_.wide_);
    const auto of_score = static_cast<float>(weights[narrow] * unit);
    std::transform(state.begin(), state.end(), query.begin(), [&](float x) { return x * of_score; });
    query[state.size()] = weights[narrow + 3];
    query[state.size() + 1] = weights[plays];
    for (size_t r = 0; r < evidence.track.size(); ++r) {
      const float* row = evidence.clues.data() + r * width;
      double added = 0;
      for (size_t f = 0; f < plays; ++f) added += static_cast<double>(row[f] * weights[f]);
      for (size_t f = narrow + 1; f < narrow + 3; ++f) added += static_cast<double>(row[f] * weights[f]);
      if (added != 0) out.add(evidence.track[r], added);
    }
  }

 private:
  const Fused& fused_;
  ClueReader reader_;
  Widened widened_;
  int32_t who_;
  int64_t heard_ = 0;
  std::vector<size_t> numbers_;                 // of the questions about this listener, sorted
  std::vector<std::vector<ScoredTrack>> best_;  // of each
};

Fused::Fused(const Lesson& lesson, const VectorModel& model, std::span<const Asked> asked, const Options& options)
    : options_(options), catalogue_(lesson.log.in_catalogue, learned_plays(lesson)), known_(model.known) {
  plain_ = std::make_unique<PackedVectors>(model.packed());
  learn(lesson, model, *plain_);
  if (examples_ == 0) throw Error("{}: no play in the gate part to learn the mix from; prepare a longer log", model.name);
  clues_ = std::make_unique<Clues>(lesson);
  const auto plays = learned_plays(lesson);
  std::vector<float> wide;
  const auto D = static_cast<size_t>(model.width);
  for (size_t j = 0; j < known_.size(); ++j) {
    wide.insert(wide.end(), model.vectors.begin() + static_cast<std::ptrdiff_t>(j * D), model.vectors.begin() + static_cast<std::ptrdiff_t>((j + 1) * D));
    wide.push_back(known_[j] != 0 ? 0.0F : 1.0F);
    wide.push_back(std::log1p(static_cast<float>(plays[j])) / 10);  // as in Clues
  }
  wide_ = std::make_unique<PackedVectors>(wide, model.width + 2);
  states_ = std::make_unique<KnownStates>(model, asked);
}

void Fused::learn(const Lesson& lesson, const VectorModel& model, const PackedVectors& plain) {
  const GateQuestions questions(lesson, options_.learn_candidates);
  const auto shares = questions.shared_out(options_.questions, options_.questions_of_listener);
  std::vector<std::vector<Case>> chosen(shares.size());
  parallel_for(std::ssize(shares), [&](int64_t n) {
    chosen[static_cast<size_t>(n)] = questions.chosen(shares[static_cast<size_t>(n)].first, shares[static_cast<size_t>(n)].second);
  });
  std::vector<Asked> asked;
  for (const auto& cases : chosen) {
    for (const Case& c : cases) asked.push_back(asked_of(lesson.log, c));
  }
  const auto states = model.states(asked);
  const Catalogue earlier(questions.catalogue(), learned_plays({lesson.log, Part::gate, lesson.seed}));
  const auto best = plain.best({states}, static_cast<int64_t>(options_.learn_candidates), earlier);

  const size_t width = questions.clues().size() + clues;
  std::vector<Examples> found(shares.size(), Examples(width));
  std::vector<size_t> first(shares.size(), 0);
  for (size_t n = 1; n < shares.size(); ++n) first[n] = first[n - 1] + chosen[n - 1].size();
  parallel_for(std::ssize(shares), [&](int64_t job) {
    const auto n = static_cast<size_t>(job);
    std::vector<std::vector<int32_t>> more;
    for (size_t q = 0; q < chosen[n].size(); ++q) more.push_back(tracks_of(best[first[n] + q]));
    Widened widened;
    found[n] = questions.of(chosen[n], width, more, [&](size_t q, const Evidence& evidence) -> const Evidence& {
      const size_t at = first[n] + q;
      return widened(evidence, states.data() + at * static_cast<size_t>(model.width), best[at], plain, known_);
    });
  });
  Examples all(width);
  for (const auto& some : found) all.append(some);
  examples_ = all.size();
  if (examples_ == 0) return;
  gate_ = Gate::learn(all, options_.gate);
  loss_ = gate_.loss(all);
  for (size_t i = 0; i < examples_; ++i) {
    for (size_t s = 0; s < mean_.size(); ++s) mean_[s] += all.state(i)[s] / static_cast<double>(examples_);
  }
}

std::unique_ptr<Scorer> Fused::read(int32_t who) const { return std::make_unique<FusedScorer>(*this, who); }

std::string Fused::note() const {
  const auto weights = gate_.weights(mean_);
  const size_t narrow = weights.size() - clues;
  return fmt::format("{} questions, loss {:.3f}; weights of the model in the mean situation: score {:.2f}, share 1 {:.2f}, share 0.01 {:.2f}, unknown {:.2f}",
                     examples_, loss_, weights[narrow] * unit, weights[narrow + 1], weights[narrow + 2], weights[narrow + 3]);
}

}  // namespace segue
