#include "ranking/clues.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "ranking/echo.h"
#include "ranking/learned.h"
#include "ranking/repeats.h"

namespace segue {
namespace {

struct Source {
  std::string name;
  MakeRanker make;
  std::vector<double> eps;
};

template <class Row>
std::unique_ptr<Ranker> make(const Lesson& lesson) {
  return std::make_unique<Row>(lesson);
}

template <int64_t plays>
std::unique_ptr<Ranker> latest(const Lesson& lesson) {
  return std::make_unique<PersonalLatest>(lesson, PersonalLatest::Options{.plays = plays});
}

std::unique_ptr<Ranker> surroundings(const Lesson& lesson) {
  return std::make_unique<Echo>(
      lesson, Echo::Options{.reach = 20, .fade = 0.9, .slip = 0.95, .places = 10, .before = true});
}

std::vector<Source> sources() {
  const std::vector<double> wide{1, 1e-2, 1e-4};
  std::vector<Source> all;
  for (const auto* name : {"repeat-hours", "repeat-plays", "markov", "item-knn", "v-sknn", "follow", "stan"}) {
    all.push_back({name, rankers().at(name), wide});
  }
  all.push_back({"echo", make<Echo>, wide});
  all.push_back({"surroundings", surroundings, wide});
  all.push_back({"last play", latest<1>, {1}});
  all.push_back({"last 3", latest<3>, {1}});
  all.push_back({"last 10", latest<10>, {1e-2}});
  all.push_back({"last 50", latest<50>, {1, 1e-2}});
  return all;
}

}  // namespace

Clues::Clues(const Lesson& lesson) {
  for (const auto& source : sources()) {
    rankers_.push_back(source.make(lesson));
    eps_.push_back(source.eps);
  }
  for (const auto plays : learned_plays(lesson)) plays_.push_back(std::log1p(static_cast<float>(plays)) / 10);
}

const std::vector<std::string>& Clues::names() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> names;
    for (const auto& source : sources()) {
      for (const double eps : source.eps) names.push_back(fmt::format("{} {:g}", source.name, eps));
    }
    names.push_back("plays");
    return names;
  }();
  return all;
}

std::vector<RankerPart> Clues::parts() {
  std::vector<RankerPart> all;
  for (const auto& source : sources()) all.push_back({RankerPart::Kind::counter, source.name});
  all.push_back({RankerPart::Kind::counter, "plays"});
  return all;
}

std::vector<uint8_t> Clues::of_part(const RankerPart& part) {
  std::vector<uint8_t> mask;
  for (const auto& source : sources()) mask.insert(mask.end(), source.eps.size(), source.name == part.name ? 1 : 0);
  mask.push_back(part.name == "plays" ? 1 : 0);
  if (part.kind != RankerPart::Kind::counter || std::find(mask.begin(), mask.end(), 1) == mask.end()) throw std::logic_error("Clues: no part '" + part.name + "'");
  return mask;
}

ClueReader::ClueReader(const Clues& clues, int32_t who)
    : clues_(clues),
      ensemble_(clues.rankers_, who, clues.scores_.lease()),
      situation_(static_cast<int64_t>(clues.plays_.size())),
      shares_(clues.rankers_.size()),
      rows_(clues.rows_.lease()) {}

void ClueReader::hear(const Heard& play) {
  ensemble_.hear(play);
  situation_.hear(play);
}

const Evidence& ClueReader::ask(int64_t now_ms, size_t most, std::span<const int32_t> more) {
  rows_->clear();
  for (auto& shares : shares_) shares.clear();
  evidence_.track.clear();
  ensemble_.ask(now_ms, [&](size_t c, const Scores& scores, double total) {
    for_each_score(scores, [&](int32_t j, double score) { shares_[c].push_back({j, score / total}); });
    nominate(shares_[c], most);
  });
  for (const int32_t track : more) nominate(track);
  evidence_.state = situation_.at(now_ms);
  lay_out();
  return evidence_;
}

/// Makes candidates of the strongest; reorders `shares`.
void ClueReader::nominate(std::vector<Share>& shares, size_t most) {
  const auto end = shares.begin() + static_cast<int64_t>(std::min(most, shares.size()));
  if (end != shares.end()) {
    std::nth_element(shares.begin(), end, shares.end(), [](const Share& a, const Share& b) {
      return a.share != b.share ? a.share > b.share : a.track < b.track;
    });
  }
  for (auto one = shares.begin(); one != end; ++one) nominate(one->track);
}

void ClueReader::nominate(int32_t track) {
  if (is_candidate(track)) return;
  rows_->set(static_cast<size_t>(track), static_cast<uint32_t>(evidence_.track.size()));
  evidence_.track.push_back(track);
}

void ClueReader::lay_out() {
  const size_t width = Clues::names().size();
  evidence_.clues.assign(evidence_.track.size() * width, 0.0F);
  size_t column = 0;
  for (size_t c = 0; c < shares_.size(); ++c) {
    for (const double eps : clues_.eps_[c]) {
      const double unit = 1 / std::log1p(1 / eps);
      for (const auto& [track, share] : shares_[c]) {
        if (!is_candidate(track)) continue;
        const size_t row = (*rows_)[static_cast<size_t>(track)];
        evidence_.clues[row * width + column] = static_cast<float>(std::log1p(share / eps) * unit);
      }
      ++column;
    }
  }
  for (size_t row = 0; row < evidence_.track.size(); ++row) {
    evidence_.clues[row * width + column] = clues_.plays_[static_cast<size_t>(evidence_.track[row])];
  }
}

}  // namespace segue
