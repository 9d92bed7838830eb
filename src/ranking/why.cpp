#include "ranking/why.h"

#include <algorithm>
#include <unordered_map>

#include "core/parallel.h"
#include "sessions/append_play.h"

namespace segue {
LessOnePlay::LessOnePlay(const Log& all, int32_t who, int64_t most) : log(all), first(static_cast<int32_t>(all.listeners.size())) {
  const auto begin = static_cast<size_t>(all.first[static_cast<size_t>(who)]), end = static_cast<size_t>(all.first[static_cast<size_t>(who) + 1]);
  const auto out = static_cast<size_t>(std::clamp<int64_t>(static_cast<int64_t>(end - begin) - 1, 0, most));
  for (size_t n = 1; n <= out; ++n) {
    const size_t without = end - n;
    for (size_t i = begin; i < end; ++i) {
      if (i == without) continue;
      append_play(log, all, i, i, i == without + 1 && all.opens[without] != 0);  // a session that it opened is opened by the next
    }
    play.push_back(static_cast<int64_t>(without));
    log.listeners.push_back(all.listeners[static_cast<size_t>(who)] + "\xff" + std::to_string(n));
    log.first.push_back(log.plays());
  }
}

void hear_and_score(Scorer& scorer, const Log& log, int32_t who, int64_t now_ms, Scores& scores) {
  const auto begin = static_cast<size_t>(log.first[static_cast<size_t>(who)]), end = static_cast<size_t>(log.first[static_cast<size_t>(who) + 1]);
  for (size_t i = begin; i < end; ++i) scorer.hear({log.track[i], log.start_ms[i], log.moment_ms[i], log.opens[i] != 0});
  scorer.score(now_ms, scores);
}

Ranking ranking_of(const Scores& scores, const Catalogue& catalogue, const std::vector<int32_t>& leave_out, const std::vector<int32_t>& tracks) {
  Ranking found;
  std::unordered_map<int32_t, int64_t> place;
  for (const int32_t track : catalogue.best(scores, catalogue.tracks(), leave_out)) place.emplace(track, std::ssize(place) + 1);
  for (const int32_t track : tracks) {
    found.score.push_back(scores[track]);
    const auto at = place.find(track);
    found.rank.push_back(at == place.end() ? std::ssize(place) + 1 : at->second);
  }
  return found;
}

std::vector<std::vector<Cause>> causes_of(const Ranker& ranker, const LessOnePlay& less, int32_t who, int64_t now_ms, const Catalogue& catalogue,
                                          const std::vector<int32_t>& leave_out, const std::vector<int32_t>& tracks) {
  std::vector<Cause> tried;
  if (ranker.goes_by_plays()) {
    for (const int64_t play : less.play) tried.push_back({.play = play});
  }
  for (const auto& part : ranker.parts()) tried.push_back({.part = part});
  std::vector<Ranking> found(tried.size());
  parallel_for(std::ssize(tried), [&](int64_t job) {
    const auto i = static_cast<size_t>(job);
    const bool is_play = tried[i].play >= 0;
    const int32_t whose = is_play ? less.listener(i) : who;
    Scores scores(less.log.tracks);
    hear_and_score(*(is_play ? ranker.read_as(who, whose) : ranker.read_without(whose, tried[i].part)), less.log, whose, now_ms, scores);
    found[i] = ranking_of(scores, catalogue, leave_out, tracks);
  });
  std::vector<std::vector<Cause>> all;
  for (size_t t = 0; t < tracks.size(); ++t) {
    auto& causes = all.emplace_back(tried);
    for (size_t i = 0; i < causes.size(); ++i) {
      causes[i].score = found[i].score[t];
      causes[i].rank = found[i].rank[t];
    }
    std::stable_sort(causes.begin(), causes.end(), [](const Cause& a, const Cause& b) { return a.rank != b.rank ? a.rank > b.rank : a.score < b.score; });
  }
  return all;
}

}  // namespace segue
