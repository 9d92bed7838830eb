#include "ranking/recommend.h"

#include <algorithm>
#include <unordered_map>

namespace segue {
namespace {

struct Past {
  int64_t plays = 0, last_ms = 0;
};

std::unordered_map<int32_t, Past> past_of(const Log& log, int32_t who) {
  std::unordered_map<int32_t, Past> past;
  for (int64_t i = log.first[static_cast<size_t>(who)]; i < log.first[static_cast<size_t>(who) + 1]; ++i) {
    Past& track = past[log.track[static_cast<size_t>(i)]];
    ++track.plays;
    track.last_ms = log.start_ms[static_cast<size_t>(i)];
  }
  return past;
}

Asked question_of(const Log& log, int32_t who, int64_t now_ms) {
  return {who, log.first[static_cast<size_t>(who)], log.first[static_cast<size_t>(who) + 1], now_ms, false};
}

/// less: what else will be asked, had the listener not heard one of his plays.
std::unique_ptr<Ranker> fitted(const Log& log, const std::optional<LessOnePlay>& less, int32_t who, int64_t now_ms, const RecommendOptions& options) {
  if (!options.trained) return rankers().at(options.ranker)({log, Part::val, options.seed});
  std::vector<Asked> asked{question_of(log, who, now_ms)};
  if (!less) return options.trained({log, Part::val, options.seed}, asked);
  for (size_t i = 0; i < less->play.size(); ++i) asked.push_back(question_of(less->log, less->listener(i), now_ms));
  return options.trained({less->log, Part::val, options.seed}, asked);
}

/// Of tracks in order the first k, and of each artist the first `most`.
std::vector<int32_t> spread_artists(const std::vector<int32_t>& tracks, const std::vector<int32_t>& artist, int64_t k, int64_t most) {
  std::unordered_map<int32_t, int64_t> taken;
  std::vector<int32_t> kept;
  for (const int32_t track : tracks) {
    if (std::ssize(kept) == k) break;
    if (most == 0 || taken[artist[static_cast<size_t>(track)]]++ < most) kept.push_back(track);
  }
  return kept;
}

}  // namespace

std::vector<Recommended> recommend(const Log& log, int32_t who, const std::vector<int32_t>& artist, const RecommendOptions& options) {
  const int64_t begin = log.first[static_cast<size_t>(who)], end = log.first[static_cast<size_t>(who) + 1];
  if (begin == end) throw Error("listener '{}' has no plays to go by", log.listeners[static_cast<size_t>(who)]);
  const int64_t now_ms = options.at_ms.value_or(log.moment_ms[static_cast<size_t>(end) - 1]);
  std::optional<LessOnePlay> less;
  if (options.why > 0) less.emplace(log, who, options.why);
  const auto ranker = fitted(log, less, who, now_ms, options);
  Scores scores(log.tracks);
  const auto scorer = ranker->read(who);
  hear_and_score(*scorer, log, who, now_ms, scores);

  std::vector<int64_t> plays(static_cast<size_t>(log.tracks));
  for (const int32_t track : log.track) ++plays[static_cast<size_t>(track)];
  auto past = past_of(log, who);
  std::vector<int32_t> leave_out;
  if (options.only_new) {
    for (const auto& [track, heard] : past) leave_out.push_back(track);
  }
  const Catalogue catalogue(log.in_catalogue, plays);
  const auto best = catalogue.best(scores, options.per_artist == 0 ? options.k : log.tracks, leave_out);
  std::vector<Recommended> list;
  const auto tracks = spread_artists(best, artist, options.k, options.per_artist);
  for (const int32_t track : tracks) list.push_back({track, scores[track], past[track].plays, past[track].last_ms});
  for (auto& one : list) one.rank = std::find(best.begin(), best.end(), one.track) - best.begin() + 1;
  if (!less) return list;
  auto causes = causes_of(*ranker, *less, who, now_ms, catalogue, leave_out, tracks);
  for (size_t i = 0; i < list.size(); ++i) list[i].why = std::move(causes[i]);
  return list;
}

}  // namespace segue
