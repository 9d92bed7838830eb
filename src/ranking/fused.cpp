#include "ranking/fused.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"
#include "ranking/learned.h"

namespace segue {

class FusedScorer : public Scorer {
 public:
  FusedScorer(const Fused& fused, int32_t who) : fused_(fused), reader_(fused.clues_, who), who_(who), numbers_(fused.states_->about(who)), model_(clues()) {}

  void hear(const Heard& play) override {
    reader_.hear(play);
    ++heard_;
  }

  void score(int64_t now_ms, Scores& out) override {
    const size_t number = fused_.states_->number(who_, heard_, now_ms);
    const auto q = static_cast<size_t>(std::lower_bound(numbers_.begin(), numbers_.end(), number) - numbers_.begin());
    const auto more = model_.candidates(q);
    const auto& evidence = model_.widened(q, reader_.ask(now_ms, static_cast<size_t>(fused_.options_.candidates), more));
    const auto weights = fused_.learned_.gate.weights(evidence.state);
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
  int32_t who_;
  int64_t heard_ = 0;
  std::vector<size_t> numbers_;  // of the questions about this listener, sorted
  ModelClues model_;
};

Fused::Fused(const Lesson& lesson, const VectorModel& model, LearnedGate gate, std::span<const Asked> asked, const Options& options)
    : options_(options), log_(lesson.log), model_(model), clues_(lesson), learned_(std::move(gate)), plain_(model.packed()),
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
  for (auto& some : found) all.append(std::exchange(some, Examples(0)));
  if (all.size() == 0) throw Error("{}: no play in the gate part to learn the mix from; prepare a longer log", model.name);
  const Gate alone = Gate::learn(all.narrowed(Clues::names().size()), {});
  return LearnedGate::from(all, options.gate, alone);
}

std::vector<std::string> Fused::clue_names() {
  auto names = Clues::names();
  names.insert(names.end(), ModelClues::names.begin(), ModelClues::names.end());
  return names;
}

std::unique_ptr<Scorer> Fused::read(int32_t who) const { return std::make_unique<FusedScorer>(*this, who); }

std::string Fused::note() const {
  const std::vector<std::string> of_model(ModelClues::names.begin(), ModelClues::names.end());
  return learned_.text(of_model, learned_.gate.clues() - of_model.size());
}

}  // namespace segue
