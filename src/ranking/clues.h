#pragma once

#include <string>
#include <vector>

#include "core/marks.h"
#include "core/pool.h"
#include "ranking/gate.h"
#include "ranking/mixture.h"

namespace segue {

/// The rankers whose answers the gate weighs, fitted on one lesson, and how their scores become clues: for each eps
/// ln(1 + share / eps) / ln(1 + 1 / eps), from 0 to 1. A small eps asks whether a track has any score, a large one how
/// much of it. The last clue is how often the track was played by everyone.
class Clues {
 public:
  explicit Clues(const Lesson& lesson);

  /// In the order in which evidence has them; the last is that of everyone's plays.
  static const std::vector<std::string>& names();
  /// The rankers, and `plays`: how often everyone played a track.
  static std::vector<RankerPart> parts();
  /// [clues] 1 where a clue is of that part. Throws std::logic_error where none is.
  static std::vector<uint8_t> of_part(const RankerPart& part);

 private:
  friend class ClueReader;
  std::vector<std::unique_ptr<Ranker>> rankers_;
  std::vector<std::vector<double>> eps_;  // by ranker
  std::vector<float> plays_;  // [N] ln(1 + plays) / 10
  // Of readers: what is as long as the catalogue would else be made anew for each listener, however little he played.
  Pool<Scores> scores_{[this] { return std::make_unique<Scores>(static_cast<int64_t>(plays_.size())); }};
  Pool<Marks> rows_{[this] { return std::make_unique<Marks>(plays_.size()); }};
};

/// Hears one listener and lays out the evidence for what comes next.
class ClueReader {
 public:
  ClueReader(const Clues& clues, int32_t who);
  void hear(const Heard& play);

  /// The candidates are the `most` strongest tracks of each ranker, and `more`.
  const Evidence& ask(int64_t now_ms, size_t most, std::span<const int32_t> more = {});

  /// After ask(): visit(track, share) for the scores that did not make their track a candidate; a track may come once
  /// from each of the rankers, whose number is `rankers()`.
  template <class Visit>
  void for_each_other(const Visit& visit) const {
    for (const auto& shares : shares_) {
      for (const auto& [track, share] : shares) {
        if (!is_candidate(track)) visit(track, share);
      }
    }
  }
  size_t rankers() const { return shares_.size(); }

 private:
  struct Share {
    int32_t track;
    double share;
  };
  bool is_candidate(int32_t track) const { return rows_->has(static_cast<size_t>(track)); }
  void nominate(std::vector<Share>& shares, size_t most);
  void nominate(int32_t track);
  void lay_out();

  const Clues& clues_;
  Ensemble ensemble_;
  Situation situation_;
  std::vector<std::vector<Share>> shares_;  // by ranker
  Pool<Marks>::Lease rows_;                 // of the candidates among all tracks
  Evidence evidence_;
};

}  // namespace segue
