#include "ranking/counters.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/parallel.h"
#include "core/spread.h"
#include "ranking/learned.h"

namespace segue {
namespace {

/// Weights that did well on the validation parts of 27 accounts.
Mixture::Options untaught() {
  return {1.0, {{"repeat-hours", 0.011}, {"markov", 0.023}, {"v-sknn", 0.937}, {"follow", 0.029}}};
}

class CountersScorer : public Scorer {
 public:
  /// without: [clues] 1 where one says nothing; empty: all speak.
  CountersScorer(const Clues& clues, const Gate& gate, int32_t who, size_t candidates, std::vector<uint8_t> without = {})
      : gate_(gate), reader_(clues, who), candidates_(candidates), without_(std::move(without)) {}

  void hear(const Heard& play) override { reader_.hear(play); }

  void score(int64_t now_ms, Scores& out) override {
    const auto& evidence = reader_.ask(now_ms, candidates_);
    if (evidence.track.empty()) return;
    const auto chances = gate_.chances(without_.empty() ? evidence : quietened(evidence));
    for (size_t c = 0; c < chances.size(); ++c) out.add(evidence.track[c], chances[c]);
    // The rest below every candidate: a track's shares sum to less than the number of rankers.
    const double unit = *std::min_element(chances.begin(), chances.end()) / static_cast<double>(reader_.rankers());
    reader_.for_each_other([&](int32_t track, double share) { out.add(track, unit * share); });
  }

 private:
  Evidence quietened(Evidence evidence) const {
    for (size_t at = 0; at < evidence.clues.size(); ++at) {
      if (without_[at % without_.size()] != 0) evidence.clues[at] = 0;
    }
    return evidence;
  }

  const Gate& gate_;
  ClueReader reader_;
  size_t candidates_;
  std::vector<uint8_t> without_;
};

}  // namespace

GateQuestions::GateQuestions(const Lesson& lesson, size_t candidates)
    : lesson_(lesson), candidates_(candidates), clues_({lesson.log, Part::gate, lesson.seed}) {}

std::vector<Case> GateQuestions::chosen(int32_t who, int64_t most) const {
  const auto& log = lesson_.log;
  std::vector<int64_t> questions;
  for (int64_t i = log.first[static_cast<size_t>(who)]; i < log.first[static_cast<size_t>(who) + 1]; ++i) {
    if (log.part[static_cast<size_t>(i)] == Part::gate) questions.push_back(i);
  }
  std::vector<Case> kept;
  for (const int64_t i : spread(questions, most)) kept.push_back({who, i, i});
  return kept;
}

Examples GateQuestions::of(int32_t who, int64_t most) const {
  const auto questions = chosen(who, most);
  return of(questions, Clues::names().size(), {}, [](size_t, const Evidence& evidence) -> const Evidence& { return evidence; });
}

Examples GateQuestions::of(std::span<const Case> chosen, size_t clues, const std::vector<std::vector<int32_t>>& more, const Extend& extend) const {
  const auto& log = lesson_.log;
  Examples examples(clues);
  if (chosen.empty()) return examples;
  const int32_t who = chosen.front().listener;
  ClueReader reader(clues_, who);
  int64_t heard = log.first[static_cast<size_t>(who)];
  for (size_t q = 0; q < chosen.size(); ++q) {
    for (; heard < chosen[q].target; ++heard) {
      const auto p = static_cast<size_t>(heard);
      reader.hear({log.track[p], log.start_ms[p], log.moment_ms[p], log.opens[p] != 0});
    }
    const auto& asked = reader.ask(asked_at(log, chosen[q]), candidates_, more.empty() ? std::span<const int32_t>() : more[q]);
    const auto& evidence = extend(q, asked);
    const auto at = std::find(evidence.track.begin(), evidence.track.end(), log.track[static_cast<size_t>(chosen[q].target)]);
    if (at != evidence.track.end()) examples.add(evidence, static_cast<size_t>(at - evidence.track.begin()));
  }
  return examples;
}

std::vector<std::pair<int32_t, int64_t>> GateQuestions::shared_out(int64_t most, int64_t most_of_listener) const {
  const auto& first = lesson_.log.first;
  auto listeners = std::ssize(first) - 1;
  // Listeners at the end of whom nothing is learned take no questions from the others.
  int64_t play = lesson_.log.plays();
  while (play > 0 && !lesson_.learns_from(play - 1)) --play;
  while (listeners > 0 && first[static_cast<size_t>(listeners) - 1] >= play) --listeners;
  const int64_t asked = std::min(listeners, most);
  const int64_t each = std::min(most_of_listener, asked == 0 ? 0 : most / asked);
  std::vector<std::pair<int32_t, int64_t>> shares;
  for (int64_t n = 0; n < asked; ++n) shares.emplace_back(static_cast<int32_t>(n * listeners / asked), each);
  return shares;
}

Examples GateQuestions::of_all(int64_t most, int64_t most_of_listener) const {
  const auto shares = shared_out(most, most_of_listener);
  std::vector<Examples> found(shares.size(), Examples(Clues::names().size()));
  parallel_for(std::ssize(shares), [&](int64_t n) {
    found[static_cast<size_t>(n)] = of(shares[static_cast<size_t>(n)].first, shares[static_cast<size_t>(n)].second);
  });
  Examples all(Clues::names().size());
  for (auto& some : found) all.append(std::exchange(some, Examples(0)));
  return all;
}

Counters::Counters(const Lesson& lesson, const Options& options) : options_(options) {
  const auto& part = lesson.log.part;
  const bool has_gate = lesson.until > Part::gate && std::find(part.begin(), part.end(), Part::gate) != part.end();
  if (has_gate) {
    const GateQuestions questions(lesson, options_.learn_candidates);
    learned_ = LearnedGate::from(questions.of_all(options_.questions, options_.questions_of_listener), options_.gate);
  }
  if (learned_.questions > 0) {
    clues_ = std::make_unique<Clues>(lesson);
  } else {
    fallback_ = std::make_unique<Mixture>(lesson, untaught());
  }
}

std::unique_ptr<Scorer> Counters::read(int32_t who) const {
  if (fallback_) return fallback_->read(who);
  return std::make_unique<CountersScorer>(*clues_, learned_.gate, who, options_.candidates);
}

std::vector<RankerPart> Counters::parts() const { return fallback_ ? std::vector<RankerPart>() : Clues::parts(); }

std::unique_ptr<Scorer> Counters::read_without(int32_t who, const RankerPart& part) const {
  if (fallback_) return Ranker::read_without(who, part);
  return std::make_unique<CountersScorer>(*clues_, learned_.gate, who, options_.candidates, Clues::of_part(part));
}

std::string Counters::note() const {
  if (fallback_) return "no gate part to learn from, so fixed weights: " + fallback_->note();
  return learned_.text(Clues::names());
}

}  // namespace segue
