#include "evaluation/questions.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <numeric>
#include <unordered_map>

#include "core/error.h"
#include "core/marks.h"
#include "core/parallel.h"
#include "core/random.h"
#include "core/spread.h"
#include "evaluation/lists.h"
#include "ranking/packed_vectors.h"

namespace segue {
namespace {

constexpr int64_t list_length = 20;
constexpr Place not_ranked{-1, 0};
constexpr int64_t never = std::numeric_limits<int64_t>::max();
size_t target_of(const Questions& q, size_t c) { return static_cast<size_t>(q.log.track[static_cast<size_t>(q.cases[c].target)]); }

/// One thread's share of the work.
class Worker {
 public:
  Lists lists;  // what it showed

  Worker(const Ranker& ranker, const Questions& q, Answers& answers, std::vector<double>& ndcg_40)
      : lists(static_cast<size_t>(q.log.tracks)),
        ranker_(ranker),
        q_(q),
        answers_(answers),
        ndcg_40_(ndcg_40),
        scores_(q.log.tracks),
        heard_first_(static_cast<size_t>(q.log.tracks), never) {}

  /// Cases [begin, end), all of one listener.
  void read(size_t begin, size_t end) {
    const int32_t who = q_.cases[begin].listener;
    std::unique_ptr<Scorer> scorer;
    const int64_t first = q_.log.first[static_cast<size_t>(who)];
    int64_t from = -1, play = 0, marked = first;
    for (size_t c = begin; c < end; ++c) {
      if (const int64_t known = known_from(q_.log, q_.cases[c]); known != from) {  // nothing before it may be remembered
        scorer = ranker_.read_as(q_.info[c].listener, who);
        from = play = known;
      }
      for (; play < q_.cases[c].history_end; ++play) hear(*scorer, static_cast<size_t>(play), play == from);
      mark(marked, q_.cases[c].history_end);
      marked = std::max(marked, q_.cases[c].history_end);
      answer(*scorer, c);
    }
    flush();
    forget(first, marked);
  }

  /// Cases of any listeners, in the order of time; the scorer hears nobody.
  void follow(const std::vector<size_t>& cases) {
    const auto scorer = ranker_.read(-1);
    for (const size_t c : cases) {
      const int64_t first = q_.log.first[static_cast<size_t>(q_.cases[c].listener)];
      mark(first, q_.cases[c].history_end);
      answer(*scorer, c);
      forget(first, q_.cases[c].history_end);
    }
  }

 private:
  /// The tracks of plays first … end - 1 as heard.
  void mark(int64_t first, int64_t end) {
    for (int64_t i = first; i < end; ++i) {
      int64_t& since = heard_first_[static_cast<size_t>(q_.log.track[static_cast<size_t>(i)])];
      since = std::min(since, i);
    }
  }
  void forget(int64_t first, int64_t end) {
    for (int64_t i = first; i < end; ++i) heard_first_[static_cast<size_t>(q_.log.track[static_cast<size_t>(i)])] = never;
  }
  /// Whether a track is among the marked ones.
  std::function<bool(size_t)> heard() const {
    return [this](size_t t) { return heard_first_[t] != never; };
  }

  void hear(Scorer& scorer, size_t i, bool first) const {
    const Log& log = q_.log;
    scorer.hear({log.track[i], log.start_ms[i], log.moment_ms[i], first || log.opens[i] != 0});
  }

  void answer(Scorer& scorer, size_t c) {
    scores_.clear();
    scorer.score(asked_at(q_.log, q_.cases[c]), scores_);
    if (!q_.relevant.empty()) return judge_list(c);
    const auto target = static_cast<int32_t>(target_of(q_, c));
    if (!q_.candidates.empty()) {
      answers_.catalogue[c] = q_.catalogue.place_among(scores_, target, q_.candidates[c]);
      return;
    }
    if (scores_.vectors() != nullptr) return put_off(c);
    answers_.everything[c] = q_.everything.place(scores_, target);
    answers_.catalogue[c] = q_.catalogue.has(target) ? q_.catalogue.place(scores_, target) : not_ranked;
    lists.add(q_.catalogue.best(scores_, list_length), q_, heard());
  }

  /// Scores that are products are ranked many questions at a time.
  void put_off(size_t c) {
    waiting_.vectors = scores_.vectors();
    waiting_.query.insert(waiting_.query.end(), scores_.query().begin(), scores_.query().end());
    waiting_.added.push_back(additions(scores_));
    waiting_.number.push_back(c);
    waiting_.target.push_back(static_cast<int32_t>(target_of(q_, c)));
    if (waiting_.number.size() == 256) flush();
  }

  void flush() {
    if (waiting_.number.empty()) return;
    const Queries queries{waiting_.query, waiting_.added};
    const Catalogue* both[] = {&q_.everything, &q_.catalogue};
    const auto places = waiting_.vectors->place(queries, waiting_.target, both);
    const auto best = waiting_.vectors->best(queries, list_length, q_.catalogue);
    for (size_t i = 0; i < waiting_.number.size(); ++i) {
      const size_t c = waiting_.number[i];
      answers_.everything[c] = places[0][i];
      answers_.catalogue[c] = q_.catalogue.has(waiting_.target[i]) ? places[1][i] : not_ranked;
      std::vector<int32_t> list;
      for (const auto& one : best[i]) list.push_back(one.track);
      lists.add(list, q_, [&, end = q_.cases[c].history_end](size_t t) { return heard_first_[t] < end; });
    }
    waiting_ = {};
  }

  /// The place is that of the first right track, or behind the list.
  void judge_list(size_t c) {
    auto list = q_.catalogue.best(scores_, cuts().back());
    std::vector<uint8_t> hit;
    const auto& right = q_.relevant[c];
    for (const int32_t track : list) hit.push_back(std::binary_search(right.begin(), right.end(), track));
    answers_.values[c] = measures_of_list(hit, std::ssize(right));
    ndcg_40_[c] = metrics_of_list(hit, std::ssize(right), 40).ndcg;
    answers_.catalogue[c] = {static_cast<int32_t>(std::find(hit.begin(), hit.end(), 1) - hit.begin()), 0};
    list.resize(std::min(list.size(), static_cast<size_t>(list_length)));
    lists.add(list, q_, heard());
  }

  const Ranker& ranker_;
  const Questions& q_;
  Answers& answers_;
  std::vector<double>& ndcg_40_;
  Scores scores_;
  struct Waiting {
    const PackedVectors* vectors = nullptr;
    std::vector<float> query;
    std::vector<std::vector<Adjustment>> added;
    std::vector<size_t> number;
    std::vector<int32_t> target;
  } waiting_;
  std::vector<int64_t> heard_first_;  // [N] the play in which the listener of the question first heard a track; `never` between listeners
};

/// [begin, end) of the cases of each listener, most cases first: the long ones must not start last.
std::vector<std::pair<size_t, size_t>> runs_of(const std::vector<Case>& cases) {
  std::vector<std::pair<size_t, size_t>> runs;
  for (size_t c = 0; c < cases.size(); ++c) {
    if (runs.empty() || cases[runs.back().first].listener != cases[c].listener) runs.emplace_back(c, c);
    runs.back().second = c + 1;
  }
  std::stable_sort(runs.begin(), runs.end(), [&](const auto& a, const auto& b) {
    return cases[a.second - 1].history_end * (a.second - a.first) > cases[b.second - 1].history_end * (b.second - b.first);
  });
  return runs;
}

std::vector<size_t> by_time(const Questions& q) {
  std::vector<size_t> order(q.cases.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return asked_at(q.log, q.cases[a]) < asked_at(q.log, q.cases[b]); });
  return order;
}

/// The cases that are asked: those about some listeners, at most so many of them, evenly spread. about: empty: all are;
/// most: 0: all.
std::vector<size_t> asked_cases(const std::vector<Case>& cases, const std::function<bool(int32_t)>& about, int64_t most) {
  std::vector<size_t> some;
  for (size_t c = 0; c < cases.size(); ++c) {
    if (!about || about(cases[c].listener)) some.push_back(c);
  }
  return most == 0 ? some : spread(some, most);
}

/// Of lists for all cases; empty where there are none.
template <class Value>
std::vector<Value> kept(const std::vector<Value>& values, const std::vector<size_t>& asked) {
  std::vector<Value> some;
  for (const size_t c : asked) {
    if (!values.empty()) some.push_back(values[c]);
  }
  return some;
}

/// [N] 1 where nobody plays the track in train.
std::vector<uint8_t> unplayed(const Prepared& p) {
  std::vector<uint8_t> members;
  for (const int64_t plays : p.train_plays()) members.push_back(plays == 0 ? 1 : 0);
  return members;
}

const std::vector<Case>& cases_of(const Prepared& p, Part part) { return part == Part::val ? p.val : p.test; }

}  // namespace

Questions::Questions(const Prepared& p, Part part, int64_t negatives, uint64_t seed, const std::function<bool(int32_t)>& about, int64_t most, bool among_unplayed,
                     const std::vector<Case>& whole)
    : Questions(p, part, asked_cases(cases_of(p, part), about, most), negatives, seed, among_unplayed, whole) {}

Questions::Questions(const Prepared& p, Part part, const std::vector<size_t>& asked, int64_t negatives, uint64_t seed, bool among_unplayed, const std::vector<Case>& whole)
    : log(p.log),
      cases(kept(cases_of(p, part), asked)),
      candidates(kept(part == Part::val ? p.val_candidates : p.test_candidates, asked)),
      relevant(kept(part == Part::val ? p.val_relevant : p.test_relevant, asked)),
      catalogue(among_unplayed ? unplayed(p) : p.log.in_catalogue, p.train_plays()),
      everything(std::vector<uint8_t>(static_cast<size_t>(p.log.tracks), 1), p.train_plays()) {
  // `paper` ranks all tracks that stay and does not tell apart those that are not in train.
  const auto trained = p.protocol.rules == "paper" ? std::vector<int64_t>(static_cast<size_t>(log.tracks), 1) : p.train_plays();
  std::vector<int32_t> heard_by(static_cast<size_t>(log.tracks), -1);
  int64_t play = 0;
  const auto told = whole.empty() ? cases : kept(whole, asked);
  for (const Case& c : told) {
    const int64_t first = log.first[static_cast<size_t>(c.listener)];
    for (play = std::max(play, first); play < c.history_end; ++play) heard_by[static_cast<size_t>(log.track[static_cast<size_t>(play)])] = c.listener;
    const auto target = static_cast<size_t>(c.target);
    const auto track = static_cast<size_t>(log.track[target]);
    info.push_back({.listener = c.listener,
                    .repeat = heard_by[track] == c.listener,
                    .start = log.opens[target] != 0,
                    .cold = !log.in_catalogue[track] || trained[track] == 0,
                    .unplayed = trained[track] == 0,
                    .cold_listener = log.part[static_cast<size_t>(first)] >= Part::val});
  }
  std::unordered_map<std::string_view, int32_t> names;
  for (size_t t = 0; t < p.artist.size(); ++t) artist.push_back(names.try_emplace(p.artist[t], static_cast<int32_t>(names.size())).first->second);
  if (negatives == 0) return;
  if (!relevant.empty()) throw Error("protocol '{}' has many right tracks in a case: no candidates can be sampled beside one", p.protocol.name);

  std::vector<int32_t> members(static_cast<size_t>(log.tracks));
  std::iota(members.begin(), members.end(), 0);
  std::erase_if(members, [this](int32_t t) { return !catalogue.has(t); });
  if (negatives >= std::ssize(members)) throw Error("{} sampled candidates of a catalogue of {} tracks; take fewer", negatives, members.size());
  candidates.assign(cases.size(), {});
  Marks drawn(static_cast<size_t>(log.tracks));
  for (size_t c = 0; c < cases.size(); ++c) {
    Random random(seed, c);
    candidates[c] = {static_cast<int32_t>(target_of(*this, c))};
    drawn.clear();
    drawn.set(target_of(*this, c), 0);
    while (std::ssize(candidates[c]) <= negatives) {
      const int32_t track = members[random.below(members.size())];
      if (drawn.has(static_cast<size_t>(track))) continue;
      drawn.set(static_cast<size_t>(track), 0);
      candidates[c].push_back(track);
    }
  }
}

std::vector<Asked> Questions::asked() const {
  std::vector<Asked> all;
  for (const Case& c : cases) all.push_back(asked_of(log, c));
  return all;
}

Answers ask(const Ranker& ranker, const Questions& q) {
  const auto start = std::chrono::steady_clock::now();
  Answers answers{std::vector<Place>(q.cases.size(), not_ranked), std::vector<Place>(q.cases.size(), not_ranked), {}, {}, 0};
  std::vector<double> ndcg_40(q.relevant.size());  // [cases] a published cut that cuts() does not have
  answers.values.resize(q.relevant.size());
  std::vector<std::unique_ptr<Worker>> workers;
  for (int t = 0; t < threads(); ++t) workers.push_back(std::make_unique<Worker>(ranker, q, answers, ndcg_40));
  const auto n = static_cast<int64_t>(workers.size());
  if (ranker.personal()) {
    const auto runs = runs_of(q.cases);
    std::atomic<size_t> next{0};
    parallel_for(n, [&](int64_t w) {
      for (size_t r = next++; r < runs.size(); r = next++) workers[static_cast<size_t>(w)]->read(runs[r].first, runs[r].second);
    });
  } else {
    const auto order = by_time(q);
    parallel_for(n, [&](int64_t w) {
      const auto share = [&](int64_t i) { return order.begin() + std::ssize(order) * i / n; };
      workers[static_cast<size_t>(w)]->follow({share(w), share(w + 1)});
    });
  }
  for (size_t w = 1; w < workers.size(); ++w) workers[0]->lists.add(workers[w]->lists);
  answers.lists = workers[0]->lists.summary(q);
  if (!ndcg_40.empty()) answers.lists["ndcg@40"] = std::accumulate(ndcg_40.begin(), ndcg_40.end(), 0.0) / static_cast<double>(ndcg_40.size());
  answers.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return answers;
}

}  // namespace segue
