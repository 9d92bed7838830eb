#include "ranking/why.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ranking/clues.h"
#include "ranking/fused.h"
#include "ranking/recommend.h"

namespace segue {
namespace {

constexpr int32_t a = 0, b = 1, tracks = 40;

/// Listeners, a play every four minutes, ten to a session; the last tenth of each is the part `gate`.
Log log_of(const std::vector<std::vector<int32_t>>& listeners) {
  Log log;
  log.first = {0};
  log.tracks = tracks;
  for (const auto& plays : listeners) {
    for (size_t i = 0; i < plays.size(); ++i) {
      const int64_t start = 240'000 * static_cast<int64_t>(i) + 86'400'000 * static_cast<int64_t>(i / 10);
      log.track.push_back(plays[i]);
      log.start_ms.push_back(start);
      log.moment_ms.push_back(start + 200'000);
      log.opens.push_back(i % 10 == 0);
      log.part.push_back(i * 10 < plays.size() * 9 ? Part::fit : Part::gate);
    }
    log.listeners.push_back("listener " + std::to_string(log.listeners.size()));
    log.first.push_back(log.plays());
  }
  log.completion.assign(log.track.size(), 0);
  log.completion_kind.assign(log.track.size(), CompletionKind::unknown);
  log.in_catalogue.assign(tracks, 1);
  return log;
}

Log log_of(const std::vector<int32_t>& plays) { return log_of(std::vector<std::vector<int32_t>>(1, plays)); }

/// b always follows a; all else comes as it likes. The last play is a.
std::vector<int32_t> planted(uint32_t state = 7) {
  std::vector<int32_t> plays;
  while (plays.size() < 600) {
    state = state * 1664525 + 1013904223;
    const auto next = static_cast<int32_t>(2 + (state >> 16) % (tracks - 2));
    plays.push_back(next);
    if (next % 4 == 0) plays.insert(plays.end(), {a, b});
  }
  plays.push_back(a);
  return plays;
}

RecommendOptions options_of(const std::string& ranker, int64_t k, int64_t why = 0) {
  RecommendOptions options;
  options.ranker = ranker;
  options.k = k;
  options.why = why;
  return options;
}

/// For the last listener.
std::vector<Recommended> list_of(const Log& log, const RecommendOptions& options) {
  return recommend(log, static_cast<int32_t>(log.listeners.size()) - 1, std::vector<int32_t>(tracks, 0), options);
}

TEST(Why, NamesThePlayAndTheCounterThatWerePlanted) {
  const Log log = log_of(planted());
  const auto list = list_of(log, options_of("counters", 5, 8));
  ASSERT_EQ(list.front().track, b);
  const auto& why = list.front().why;
  ASSERT_GT(why.size(), 3u);
  // What comes after what, and that it was a: without either of the two b would stand far back, without anything else as now.
  EXPECT_TRUE(std::any_of(why.begin(), why.begin() + 2, [&](const Cause& cause) { return cause.play == log.plays() - 1; }));
  EXPECT_TRUE(std::any_of(why.begin(), why.begin() + 2, [&](const Cause& cause) { return cause.part.name == "markov" || cause.part.name == "follow"; }));
  EXPECT_GT(why[1].rank, 10);
  EXPECT_EQ(why[2].rank, 1);
  const auto plays = std::count_if(why.begin(), why.end(), [](const Cause& cause) { return cause.play >= 0; });
  EXPECT_EQ(plays, 8);
  EXPECT_EQ(std::ssize(why) - plays, std::ssize(Clues::parts()));
}

/// As if the play `out` from the end had not been; the session that it opened is opened by the next.
Log without_play(Log log, int64_t out) {
  if (out > 1 && *(log.opens.end() - out) != 0) *(log.opens.end() - out + 1) = 1;
  log.start_ms.erase(log.start_ms.end() - out);
  log.moment_ms.erase(log.moment_ms.end() - out);
  log.track.erase(log.track.end() - out);
  log.opens.erase(log.opens.end() - out);
  log.part.erase(log.part.end() - out);
  log.completion.erase(log.completion.end() - out);
  log.completion_kind.erase(log.completion_kind.end() - out);
  log.first.back() -= 1;
  return log;
}

/// Each of the last plays of the last listener has the effect that the log has without it.
void expect_as_without(const Log& log, RecommendOptions options, const std::string& name) {
  options.why = 3;
  const auto list = list_of(log, options);
  ASSERT_FALSE(list.empty());
  options.why = 0;
  options.k = tracks;
  options.at_ms = log.moment_ms.back();
  for (const int64_t out : {1, 2, 3}) {
    const auto expected = list_of(without_play(log, out), options);
    for (const auto& one : list) {
      const auto cause = std::find_if(one.why.begin(), one.why.end(), [&](const Cause& c) { return c.play == log.plays() - out; });
      ASSERT_NE(cause, one.why.end()) << name;
      const auto found = std::find_if(expected.begin(), expected.end(), [&](const auto& other) { return other.track == one.track; });
      ASSERT_NE(found, expected.end()) << name;
      EXPECT_EQ(cause->rank, found->rank) << name << " " << out << " " << one.track;
      EXPECT_DOUBLE_EQ(cause->score, found->score) << name << " " << out << " " << one.track;
    }
  }
}

TEST(Why, RanksAsIfThePlayHadNotBeen) {
  const Log log = log_of({planted(3), planted()});
  // Of the listener's own plays these go by what they hear, not by what they learned.
  for (const char* name : {"personal", "personal-50", "repeat-hours", "repeat-plays", "markov", "v-sknn", "follow", "stan"}) {
    expect_as_without(log, options_of(name, 5), name);
  }
}

/// Nothing is learned of the last listener, so a play that is taken out changes nothing that was.
Log stranger_among_others() {
  Log log = log_of({planted(3), planted(5), planted()});
  std::fill(log.part.begin() + log.first[2], log.part.end(), Part::test);
  return log;
}

TEST(Why, MixesCountersAsIfThePlayHadNotBeen) {
  for (const char* name : {"item-knn", "counters"}) expect_as_without(stranger_among_others(), options_of(name, 5), name);
}

/// A model that expects what comes behind the last tracks by number; alone or mixed with the counters.
class Telling : public Ranker {
 public:
  Telling(const Lesson& lesson, const std::vector<Asked>& asked, bool mixes) {
    model_.width = tracks;
    model_.vectors.assign(size_t{tracks} * tracks, 0.0F);
    model_.known.assign(tracks, 1);
    for (size_t j = 0; j < size_t{tracks}; ++j) model_.vectors[j * tracks + j] = 5;
    model_.states = [&log = lesson.log](std::span<const Asked> questions) {
      std::vector<float> states(questions.size() * tracks);
      for (size_t q = 0; q < questions.size(); ++q) {
        for (int64_t back = 1; back <= std::min<int64_t>(4, questions[q].to - questions[q].from); ++back) {
          const int32_t next = (log.track[static_cast<size_t>(questions[q].to - back)] + 1) % tracks;
          states[q * tracks + static_cast<size_t>(next)] += 1 / static_cast<float>(back);
        }
      }
      return states;
    };
    if (mixes) ranker_ = std::make_unique<Fused>(lesson, model_, Fused::learn(lesson, model_, {}), asked, Fused::Options{});
    else ranker_ = std::make_unique<VectorRanker>(model_, asked);
  }
  std::unique_ptr<Scorer> read(int32_t who) const override { return ranker_->read(who); }
  std::unique_ptr<Scorer> read_as(int32_t who, int32_t as) const override { return ranker_->read_as(who, as); }
  std::vector<RankerPart> parts() const override { return ranker_->parts(); }
  std::unique_ptr<Scorer> read_without(int32_t who, const RankerPart& part) const override { return ranker_->read_without(who, part); }

 private:
  VectorModel model_;
  std::unique_ptr<Ranker> ranker_;
};

TEST(Why, HasAModelReadAsIfThePlayHadNotBeenAloneAndMixed) {
  for (const bool mixes : {false, true}) {
    RecommendOptions options = options_of("", 5);
    options.trained = [mixes](const Lesson& lesson, const std::vector<Asked>& asked) { return std::make_unique<Telling>(lesson, asked, mixes); };
    expect_as_without(stranger_among_others(), options, mixes ? "mix" : "model");
  }
}

TEST(Why, KnowsWhomItHearsInAMixWhereThePlaysAreReadElsewhere) {
  Log log = log_of({planted(3), planted(5), planted(5)});  // the third is the second once more, and nothing is learned of him
  std::fill(log.part.begin() + log.first[2], log.part.end(), Part::test);
  const int64_t now = log.moment_ms.back();
  std::vector<Asked> asked;
  for (const int32_t who : {1, 2}) asked.push_back({who, log.first[static_cast<size_t>(who)], log.first[static_cast<size_t>(who) + 1], now, false});
  const Telling mix({log}, asked, true);
  Scores own(tracks), elsewhere(tracks);
  const auto himself = mix.read(1), as_other = mix.read_as(1, 2);
  hear_and_score(*himself, log, 1, now, own);
  hear_and_score(*as_other, log, 2, now, elsewhere);
  for (int32_t j = 0; j < tracks; ++j) EXPECT_EQ(own[j], elsewhere[j]) << j;
}

TEST(Why, LearnsFromTheSameQuestionsWhereListenersWithoutAPlayComeBehind) {
  // Of many listeners each gives few questions, so that more of them would give fewer each.
  const Log log = log_of(std::vector<std::vector<int32_t>>(30, std::vector<int32_t>(20, a)));
  const LessOnePlay less(log, 4, 10);
  EXPECT_EQ(GateQuestions({less.log}, 5).shared_out(12000, 500), GateQuestions({log}, 5).shared_out(12000, 500));
}

TEST(Why, IsAskedOfEveryRankerAndChangesNoList) {
  const Log log = log_of(planted());
  for (const auto& name : rankers().names()) {
    const auto plain = list_of(log, options_of(name, 5)), told = list_of(log, options_of(name, 5, 2));
    ASSERT_EQ(plain.size(), told.size()) << name;
    for (size_t i = 0; i < plain.size(); ++i) {
      EXPECT_EQ(plain[i].track, told[i].track) << name;
      EXPECT_EQ(plain[i].score, told[i].score) << name;
      EXPECT_TRUE(plain[i].why.empty());
      // Chance is nobody's doing, and what everyone plays is the same for all.
      const bool nothing = name == "random" || name == "popular" || name == "recently-popular";
      EXPECT_EQ(told[i].why.size(), nothing ? 0U : name == "counters" ? 2 + Clues::parts().size() : 2U) << name;
      EXPECT_EQ(told[i].rank, static_cast<int64_t>(i) + 1);
    }
  }
}

TEST(Why, TakesNoPlayFromAListenerWhoHasButOne) {
  EXPECT_TRUE(list_of(log_of(std::vector<int32_t>{a}), options_of("personal", 5, 5)).front().why.empty());
  const LessOnePlay less(log_of(std::vector<int32_t>{a, b, a}), 0, 10);
  EXPECT_EQ(less.play, (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(less.log.first, (std::vector<int64_t>{0, 3, 5, 7}));
  EXPECT_EQ(less.log.part.back(), Part::test);
}

TEST(Why, OpensASessionByTheNextPlayWhereItsFirstIsTakenOut) {
  std::vector<int32_t> plays(12, a);
  const LessOnePlay less(log_of(plays), 0, 2);
  ASSERT_EQ(less.play[1], 10);  // opens the second session
  const auto from = static_cast<size_t>(less.log.first[2]);
  EXPECT_EQ(less.log.opens[from + 10], 1);
  EXPECT_EQ(less.log.start_ms[from + 10], less.log.start_ms[11]);
}

}  // namespace
}  // namespace segue
