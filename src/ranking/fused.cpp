#include "ranking/fused.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"
#include "ranking/learned.h"

namespace segue {

class FusedScorer : public Scorer {
 public:
  /// The counters know him as `who`, the model as `as`. without: [all clues] 1 where one says nothing; empty: all speak.
  FusedScorer(const Fused& fused, int32_t who, int32_t as, std::vector<uint8_t> without = {})
      : fused_(fused), reader_(*fused.clues_, who), who_(as), without_(std::move(without)), numbers_(fused.states_->about(as)), model_(clues()) {}

  void hear(const Heard& play) override {
    reader_.hear(play);
    ++heard_;
  }

  void score(int64_t now_ms, Scores& out) override {
    const size_t number = fused_.states_->number(who_, heard_, now_ms);
    const auto q = static_cast<size_t>(std::lower_bound(numbers_.begin(), numbers_.end(), number) - numbers_.begin());
    const auto more = model_.candidates(q);
    const auto& evidence = model_.widened(q, reader_.ask(now_ms, static_cast<size_t>(fused_.options_.candidates), more));
    auto weights = fused_.learned_.in(evidence.state).weights(evidence.state);
    for (size_t f = 0; f < without_.size(); ++f) weights[f] = without_[f] != 0 ? 0.0F : weights[f];
    // What every track has goes into the query: the model's score, that nothing is known, everyone's plays.
    const size_t width = weights.size(), narrow = width - ModelClues::names.size(), plays = narrow - 1;
    const auto state = model_.state(q);
    const auto query = out.products(*fused_.wide_);
    const auto of_score = static_cast<float>(weights[narrow] * ModelClues::unit);
    std::transform(state.begin(), state.end(), query.begin(), [&](float x) { return x * of_score; });
    query[state.size()] = weights[width - 1];
    query[state.size() + 1] = weights[plays];
    for (size_t r = 0; r < evidence.track.size(); ++r) {
      const float* row = evidence.clues.data() + r * width;
      double added = 0;
      for (size_t f = 0; f + 1 < width; ++f) {
        if (f != plays && f != narrow) added += static_cast<double>(row[f] * weights[f]);
      }
      if (added != 0) out.add(evidence.track[r], added);
    }
  }

 private:
  /// What the model says to all that will be asked about this listener.
  ModelClues clues() {
    std::sort(numbers_.begin(), numbers_.end());
    std::vector<Asked> asked;
    std::vector<float> states;
    for (const size_t number : numbers_) {
      asked.push_back(fused_.states_->asked(number));
      const auto state = fused_.states_->of(number);
      states.insert(states.end(), state.begin(), state.end());
    }
    return {fused_.model_, fused_.plain_, fused_.log_, asked, std::move(states), fused_.known_, {fused_.options_.candidates, fused_.options_.memory}};
  }

  const Fused& fused_;
  ClueReader reader_;
  int32_t who_;  // of the questions
  int64_t heard_ = 0;
  std::vector<uint8_t> without_;
  std::vector<size_t> numbers_;  // of the questions about this listener, sorted
  ModelClues model_;
};

Fused::Fused(const Lesson& lesson, const VectorModel& model, LearnedGate gate, std::span<const Asked> asked, const Options& options, std::shared_ptr<const Clues> clues)
    : options_(options), log_(lesson.log), model_(model), clues_(clues == nullptr ? std::make_shared<const Clues>(lesson) : std::move(clues)), learned_(std::move(gate)), plain_(model.packed()),
      known_(model.known, learned_plays(lesson)), states_(std::make_unique<KnownStates>(model, asked)) {
  const auto plays = learned_plays(lesson);
  std::vector<float> wide;
  const auto D = static_cast<size_t>(model.width);
  for (size_t j = 0; j < model.known.size(); ++j) {
    const auto vector = std::span(model.vectors).subspan(j * D, D);
    wide.insert(wide.end(), vector.begin(), vector.end());
    wide.push_back(model.known[j] != 0 ? 0.0F : 1.0F);
    wide.push_back(std::log1p(static_cast<float>(plays[j])) / 10);  // as in Clues
  }
  wide_ = std::make_unique<PackedVectors>(wide, model.width + 2);
}

namespace {

/// What the counters' clues weigh without the model, and what all weigh.
std::pair<Gate, LearnedGate> both(const ExampleView& all, const Gate::Options& options) {
  const Gate alone = Gate::learn(all.narrowed(Clues::names().size()), {});
  return {alone, LearnedGate::from(all, options, alone)};
}

/// How far to go from the counters' gate towards the mix where a listener has paused: one question in twenty, of whose
/// weights little is known. Judged on questions of listeners that the weights were not learned from; the shortest way that
/// is within one standard error of the best. listener: [examples] whose each is.
double trust_after_pause(const Examples& all, const std::vector<size_t>& listener, const Gate::Options& options) {
  constexpr size_t folds = 3;
  constexpr std::array<double, 5> shares{0, 0.25, 0.5, 0.75, 1};
  std::array<std::vector<double>, shares.size()> found;
  for (size_t fold = 0; fold < folds; ++fold) {
    const auto others = ExampleView(all).where([&](size_t i, const auto&) { return listener[i] % folds != fold; });
    const auto own = ExampleView(all).where([&](size_t i, const auto& state) { return listener[i] % folds == fold && Situation::paused(state); });
    if (others.size() == 0 || own.size() == 0) continue;
    const auto [alone, mix] = both(others, options);
    for (size_t s = 0; s < shares.size(); ++s) {
      const auto values = alone.towards(mix.gate, shares[s]).ndcg_10(own);
      found[s].insert(found[s].end(), values.begin(), values.end());
    }
  }
  const auto n = static_cast<double>(found[0].size());
  if (n < 2) return 0;
  const auto mean = [&](const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0) / n; };
  size_t best = 0;
  for (size_t s = 1; s < shares.size(); ++s) best = mean(found[s]) > mean(found[best]) ? s : best;
  for (size_t s = 0; s < best; ++s) {
    std::vector<double> lost;  // by stopping earlier
    for (size_t i = 0; i < found[s].size(); ++i) lost.push_back(found[best][i] - found[s][i]);
    double square = 0;
    for (const double x : lost) square += (x - mean(lost)) * (x - mean(lost));
    if (mean(lost) < std::sqrt(square / (n - 1) / n)) return shares[s];
  }
  return shares[best];
}

}  // namespace

LearnedGate Fused::learn(const Lesson& lesson, const VectorModel& model, const Options& options) {
  const GateQuestions questions(lesson, static_cast<size_t>(options.learn_candidates));
  const Catalogue known(model.known, learned_plays({lesson.log, Part::gate, lesson.seed}));
  const auto shares = questions.shared_out(options.questions, options.questions_of_listener);
  const PackedVectors plain = model.packed();
  const ModelClues::Options of_model{options.learn_candidates, options.memory};
  const size_t width = Clues::names().size() + ModelClues::names.size();
  std::vector<Examples> found(shares.size(), Examples(width));
  parallel_for(std::ssize(shares), [&](int64_t job) {
    const auto n = static_cast<size_t>(job);
    const auto chosen = questions.chosen(shares[n].first, shares[n].second);
    std::vector<Asked> asked;
    for (const Case& c : chosen) asked.push_back(asked_of(lesson.log, c));
    ModelClues said(model, plain, lesson.log, asked, model.states(asked), known, of_model);
    std::vector<std::vector<int32_t>> more;
    for (size_t q = 0; q < chosen.size(); ++q) more.push_back(said.candidates(q));
    found[n] = questions.of(chosen, width, more, [&](size_t q, const Evidence& evidence) -> const Evidence& { return said.widened(q, evidence); });
  });
  Examples all(width);
  std::vector<size_t> listener;
  for (size_t n = 0; n < found.size(); ++n) {
    listener.insert(listener.end(), found[n].size(), n);
    all.append(std::exchange(found[n], Examples(0)));
  }
  if (all.size() == 0) throw Error("{}: no play in the gate part to learn the mix from; prepare a longer log", model.name);
  const auto [alone, learned] = both(all, options.gate);
  LearnedGate mix = learned;
  mix.after_pause = alone.towards(mix.gate, trust_after_pause(all, listener, options.gate));
  return mix;
}

std::vector<std::string> Fused::clue_names() {
  auto names = Clues::names();
  names.insert(names.end(), ModelClues::names.begin(), ModelClues::names.end());
  return names;
}

std::unique_ptr<Scorer> Fused::read(int32_t who) const { return read_as(who, who); }

std::unique_ptr<Scorer> Fused::read_as(int32_t who, int32_t as) const { return std::make_unique<FusedScorer>(*this, who, as); }

std::vector<RankerPart> Fused::parts() const {
  auto all = Clues::parts();
  all.push_back({RankerPart::Kind::model, ""});
  return all;
}

std::unique_ptr<Scorer> Fused::read_without(int32_t who, const RankerPart& part) const {
  const bool model = part.kind == RankerPart::Kind::model;
  std::vector<uint8_t> without = model ? std::vector<uint8_t>(Clues::names().size()) : Clues::of_part(part);
  without.insert(without.end(), ModelClues::names.size(), model ? 1 : 0);
  return std::make_unique<FusedScorer>(*this, who, who, std::move(without));
}

std::string Fused::note() const {
  const std::vector<std::string> of_model(ModelClues::names.begin(), ModelClues::names.end());
  return learned_.text(of_model, learned_.gate.clues() - of_model.size());
}

}  // namespace segue
