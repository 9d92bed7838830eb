#include "experiments/audit_findings.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "evaluation/metrics.h"

namespace segue {
namespace {

constexpr int64_t most_to_solve = 4000;  // cases up to rank 5; the search takes the square of it

double half_step(const Figure& figure) {
  return figure.digits >= exact_digits ? 1e-9 : 0.5 * std::pow(10.0, -figure.digits) + 1e-9;
}

const Figure* find(const RecordedRun& run, const std::string& name) {
  const auto found = run.figures.find(name);
  return found == run.figures.end() ? nullptr : &found->second;
}

std::vector<const FigureAudit*> recalls_of(const RunAudit& run) {
  std::vector<const FigureAudit*> out;
  for (const auto& figure : run.figures) {
    if (figure.metric == "recall") out.push_back(&figure);
  }
  return out;
}

void impossible(std::vector<Finding>& out, std::string text) { out.push_back({"impossible", std::move(text)}); }

void check_order(const RunAudit& run, std::vector<Finding>& out) {
  const auto recalls = recalls_of(run);
  for (size_t i = 1; i < recalls.size(); ++i) {
    if (recalls[i]->value >= recalls[i - 1]->value) continue;
    impossible(out, fmt::format("{} is {} and {} less, {}: a longer list can't hold fewer targets", recalls[i - 1]->name, recalls[i - 1]->value, recalls[i]->name, recalls[i]->value));
  }
}

void check_twins(const RunAudit& run, std::vector<Finding>& out) {
  for (const auto& [name, figure] : run.run.figures) {
    const auto called = figure_name(name);
    const auto* recall = find(run.run, FigureName{"recall", called->k}.key());
    if (called->metric == "precision" && recall != nullptr && std::abs(figure.value - recall->value / called->k) > half_step(figure) + half_step(*recall) / called->k) {
      impossible(out, fmt::format("{} is {}, but {} / {} is {:.4f}", name, figure.value, "recall", called->k, recall->value / called->k));
    }
    const auto* mrr = find(run.run, FigureName{"mrr", called->k}.key());
    if (called->metric == "map" && mrr != nullptr && std::abs(figure.value - mrr->value) > half_step(figure) + half_step(*mrr)) {
      impossible(out, fmt::format("{} is {} and mrr@{} {}: with one right track both are the same", name, figure.value, called->k, mrr->value));
    }
  }
}

/// Between two cuts all hits lie at the nearer end at best, at the farther at worst.
void check_bounds(const RunAudit& run, const FigureAudit& figure, std::vector<Finding>& out) {
  const Metric metric = metrics().at(figure.metric);
  double least = 0, most = 0, before = 0, tolerance = half_step(run.run.figures.at(figure.name));
  int last = 0;
  for (const auto* recall : recalls_of(run)) {
    if (recall->k > figure.k) break;
    const double more = recall->value - before;
    least += more * metric(recall->k, figure.k);
    most += more * metric(last + 1, figure.k);
    tolerance += half_step(run.run.figures.at(recall->name));
    before = recall->value;
    last = recall->k;
  }
  if (last != figure.k || (figure.value >= least - tolerance && figure.value <= most + tolerance)) return;
  impossible(out, fmt::format("{} is {}, but with these recalls it lies between {:.4f} and {:.4f}", figure.name, figure.value, least, most));
}

void check_rounding(const RunAudit& run, std::vector<Finding>& out) {
  bool coarser = true;
  std::vector<std::string> odd;
  for (const auto* recall : recalls_of(run)) {
    Figure figure = run.run.figures.at(recall->name);
    if (!recall->hits) odd.push_back(recall->name);
    figure.digits -= 1;
    coarser = coarser && hits_of(figure, run.cases).has_value();
  }
  if (odd.empty()) return;
  if (coarser) out.push_back({"rounding", fmt::format("{}: no number of hits among {} is printed so, but one is with a digit less: rounded twice", fmt::join(odd, ", "), run.cases)});
  else impossible(out, fmt::format("{}: no number of hits among {} is printed so; is the number of cases right?", fmt::join(odd, ", "), run.cases));
}

/// Whoever ranks hits the first place at least as often as the next four: under that the share of rank 1 in the first
/// five is a fifth or more.
std::optional<Finding> duplicate(const RunAudit& run) {
  const auto* one = run.figure("recall@1");
  const auto* five = run.figure("recall@5");
  if (one == nullptr || five == nullptr) return std::nullopt;
  const double p = Binomial{five->hit, 0.2}.at_most(one->hit);
  if (p >= surely) return std::nullopt;
  std::string text = fmt::format("rank 1 is hit in {} cases, ranks 2 to 5 in {}", one->hit, five->hit - one->hit);
  if (run.first_ranks) text = fmt::format("ranks 1 to 5 are hit in {} cases", fmt::join(*run.first_ranks, ", "));
  text += fmt::format(" (p {:.1g} where the first place is hit as often as the next); it would explain this that the target stands twice among the candidates and its copy comes before it. Then ", p);
  if (run.first_ranks) {
    const int64_t first = run.first_ranks->at(0) + run.first_ranks->at(1);
    text += fmt::format("recall@1 is {:.4f} ({} hits), ", static_cast<double>(first) / static_cast<double>(run.cases), first);
  }
  std::vector<std::string> corrected;
  for (const auto* recall : recalls_of(run)) {
    if (recall->k == 1) continue;
    corrected.push_back(fmt::format("@{} {:.4f} (guessing {:.4f})", recall->k - 1, recall->value, guess("recall", recall->k - 1, run.candidates).mean));
  }
  return Finding{"duplicate", text + fmt::format("and the printed recalls are those at one rank less: {}", fmt::join(corrected, ", "))};
}

/// Far above guessing at the top, no better than it behind: an order of some targets and none of the others.
std::optional<Finding> known_tracks_only(const RunAudit& run) {
  const auto recalls = recalls_of(run);
  if (recalls.size() < 2) return std::nullopt;
  const auto& top = *recalls[recalls.size() - 2];
  const auto& end = *recalls.back();
  const Binomial behind{run.cases - top.hit, static_cast<double>(end.k - top.k) / static_cast<double>(run.candidates - top.k)};
  const int64_t found = end.hit - top.hit;
  const bool enough = behind.cases >= 100 && behind.mean() >= 20;
  if (top.verdict != Verdict::above || top.p >= surely || !enough || found > central_region(behind).high) return std::nullopt;
  return Finding{"labels", fmt::format("{} is {:.4f}, but of the other {} targets only {} come up to rank {}, where a random order of the rest gives {:.0f}; it would explain this "
                                       "that the ranker knows only some tracks, such as those that were labels in training, and at most {:.0f} % of the targets are among them",
                                       top.name, top.value, behind.cases, found, end.k, behind.mean(), 100 * top.value)};
}

/// Recalls in proportion to the cut, as by guessing among fewer.
std::optional<Finding> fewer_candidates(const RunAudit& run) {
  const auto recalls = recalls_of(run);
  if (recalls.size() < 3 || recalls.back()->hit == 0 || recalls.back()->hit >= run.cases) return std::nullopt;
  const double fewer = recalls.back()->k / recalls.back()->value;
  const auto inside = [&](const FigureAudit* recall) {
    return recall->k < fewer && central_region({run.cases, recall->k / fewer}).has(recall->hit);
  };
  if (recalls.back()->p >= surely || fewer > 0.6 * static_cast<double>(run.candidates) || !std::all_of(recalls.begin(), recalls.end(), inside)) return std::nullopt;
  return Finding{"fewer-candidates", fmt::format("the recalls grow as the cuts do, as in a random order of {:.0f} candidates; it would explain this that the target was ranked among so many, not among {}",
                                                 fewer, run.candidates)};
}

struct Wanted {
  double reciprocal, reciprocal_error, gain, gain_error;  // sums over the cases up to rank 5
};

/// All c with c[0] + … + c[4] = five and the wanted sums, but no more than two.
std::vector<std::array<int64_t, 5>> solve(int64_t one, int64_t five, const Wanted& wanted) {
  std::vector<std::array<int64_t, 5>> found;
  const auto sum = [](Metric metric, const std::array<int64_t, 5>& c) {
    double total = 0;
    for (size_t i = 0; i < 5; ++i) total += static_cast<double>(c[i]) * metric(static_cast<double>(i + 1), 5);
    return total;
  };
  for (int64_t two = 0; two <= five - one; ++two) {
    for (int64_t three = 0; three <= five - one - two; ++three) {
      const int64_t rest = five - one - two - three;
      // Each case at rank 4 instead of 5 adds a twentieth.
      const double at_five = sum(mrr, {one, two, three, 0, rest});
      const auto from = static_cast<int64_t>(std::ceil(20 * (wanted.reciprocal - wanted.reciprocal_error - at_five)));
      const auto to = static_cast<int64_t>(std::floor(20 * (wanted.reciprocal + wanted.reciprocal_error - at_five)));
      for (int64_t four = std::max<int64_t>(from, 0); four <= std::min(to, rest); ++four) {
        const std::array<int64_t, 5> c{one, two, three, four, rest - four};
        if (std::abs(sum(ndcg, c) - wanted.gain) > wanted.gain_error) continue;
        found.push_back(c);
        if (found.size() == 2) return found;
      }
    }
  }
  return found;
}

}  // namespace

std::optional<Region> hits_of(const Figure& recall, int64_t cases) {
  const auto n = static_cast<double>(cases);
  const double half = half_step(recall);
  const Region hits{std::max<int64_t>(0, static_cast<int64_t>(std::ceil(n * (recall.value - half)))),
                    std::min(cases, static_cast<int64_t>(std::floor(n * (recall.value + half))))};
  return hits.low <= hits.high ? std::optional(hits) : std::nullopt;
}

std::optional<std::array<int64_t, 5>> first_five_ranks(const RunAudit& run) {
  const auto* one = run.figure("recall@1");
  const auto* five = run.figure("recall@5");
  const auto* reciprocal = find(run.run, "mrr@5");
  const auto* gain = find(run.run, "ndcg@5");
  if (one == nullptr || five == nullptr || reciprocal == nullptr || gain == nullptr || !one->hits || !five->hits) return std::nullopt;
  const bool unique = one->hits->low == one->hits->high && five->hits->low == five->hits->high;
  if (!unique || five->hit > most_to_solve) return std::nullopt;
  const auto n = static_cast<double>(run.cases);
  const auto solutions = solve(one->hit, five->hit, {n * reciprocal->value, n * half_step(*reciprocal), n * gain->value, n * half_step(*gain)});
  return solutions.size() == 1 ? std::optional(solutions.front()) : std::nullopt;
}

std::vector<Finding> findings_of(const RunAudit& run) {
  std::vector<Finding> out;
  check_order(run, out);
  check_twins(run, out);
  for (const auto& figure : run.figures) {
    if (figure.metric != "recall") check_bounds(run, figure, out);
  }
  check_rounding(run, out);
  for (const auto of : {duplicate, known_tracks_only, fewer_candidates}) {
    if (auto finding = of(run)) out.push_back(std::move(*finding));
  }
  return out;
}

}  // namespace segue
