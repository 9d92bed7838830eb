#include "experiments/audit.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/parallel.h"
#include "evaluation/findings.h"
#include "evaluation/metrics.h"
#include "evaluation/pairs.h"
#include "experiments/audit_findings.h"

namespace segue {
namespace {

constexpr double z_of_95 = 1.959964;

/// What the run's file says, else what was asked for; both must agree unless the file's is a guess.
int64_t settle(int64_t said, int64_t asked, const RecordedRun& run, const char* what) {
  if (said > 0 && asked > 0 && said != asked && !run.guessed) throw Error("'{}': its file says {} {}, --{} {}; leave one out", run.name, said, what, what, asked);
  const int64_t count = asked > 0 && (said == 0 || run.guessed) ? asked : said;
  if (count <= 0) throw Error("'{}': the number of {} is unknown; say --{} N, or --split DIR with the candidates themselves", run.name, what, what);
  return count;
}

void judge_recall(FigureAudit& out, const Figure& figure, int64_t cases, double share) {
  const Binomial chance{cases, share};
  out.region = central_region(chance);
  const auto n = static_cast<double>(cases);
  out.low = static_cast<double>(out.region.low) / n;
  out.high = static_cast<double>(out.region.high) / n;
  out.hits = hits_of(figure, cases);
  const auto nearest = static_cast<int64_t>(std::llround(figure.value * n));
  out.hit = out.hits ? std::clamp<int64_t>(std::llround(chance.mean()), out.hits->low, out.hits->high) : nearest;
  out.p = two_sided_p(chance, out.hit);
  if (!out.region.has(out.hit)) out.verdict = out.hit < out.region.low ? Verdict::below : Verdict::above;
}

FigureAudit judge(const std::string& metric, int k, const Figure& figure, int64_t cases, int64_t candidates) {
  FigureAudit out;
  out.name = FigureName{metric, k}.key();
  out.metric = metric;
  out.k = k;
  out.value = figure.value;
  const auto [mean, variance] = guess(metric, k, candidates);
  out.expected = mean;
  out.error = std::sqrt(variance / static_cast<double>(cases));
  if (metric == "recall") {
    judge_recall(out, figure, cases, mean);
    return out;
  }
  out.low = std::max(0.0, mean - z_of_95 * out.error);
  out.high = std::min(1.0, mean + z_of_95 * out.error);
  out.p = normal_p((out.value - mean) / out.error);
  if (out.value < out.low || out.value > out.high) out.verdict = out.value < out.low ? Verdict::below : Verdict::above;
  return out;
}

std::vector<FigureAudit> judge_all(const RunAudit& of) {
  std::vector<FigureAudit> figures;
  for (const std::string metric : {"recall", "ndcg", "mrr"}) {
    const size_t first = figures.size();
    for (const auto& [name, figure] : of.run.figures) {
      const auto called = figure_name(name);
      // A list as long as the candidates holds the target whoever ranks.
      if (called->metric == metric && called->k < of.candidates) figures.push_back(judge(metric, called->k, figure, of.cases, of.candidates));
    }
    std::sort(figures.begin() + static_cast<std::ptrdiff_t>(first), figures.end(), [](const auto& a, const auto& b) { return a.k < b.k; });
  }
  return figures;
}

/// Holm over all recalls, and what is left by it.
void correct(Audit& out) {
  std::vector<FigureAudit*> recalls;
  std::vector<double> p;
  for (auto& run : out.runs) {
    for (auto& figure : run.figures) {
      if (figure.metric != "recall") continue;
      recalls.push_back(&figure);
      p.push_back(figure.p);
      if (figure.p >= out.smallest_p) continue;
      out.smallest_p = figure.p;
      out.smallest_run = run.run.name;
      out.smallest_figure = figure.name;
    }
  }
  out.tests = std::ssize(p);
  const auto corrected = holm(p);
  for (size_t i = 0; i < recalls.size(); ++i) recalls[i]->p_holm = corrected[i];
  out.level = significance / static_cast<double>(std::max<size_t>(out.runs.size(), 1));
  for (const auto& run : out.runs) {
    const auto some = [&](auto test) { return std::any_of(run.figures.begin(), run.figures.end(), [&](const auto& f) { return f.metric == "recall" && test(f); }); };
    out.surprising += some([](const auto& f) { return f.p < significance; });
    out.left_by_holm += some([](const auto& f) { return f.p_holm < significance; });
    out.left_by_runs += some([&](const auto& f) { return f.p < out.level; });
  }
}

Pooled pool(const Audit& all, int k) {
  Pooled out;
  out.k = k;
  double variance = 0, squares = 0, smallest_tail = 2;
  for (const auto& run : all.runs) {
    const auto* figure = run.figure(FigureName{"recall", k}.key());
    if (figure == nullptr) continue;
    const Binomial chance{run.cases, figure->expected};
    ++out.runs;
    out.hits += figure->hit;
    out.cases += run.cases;
    out.expected += chance.mean();
    variance += chance.variance();
    squares += std::pow(static_cast<double>(figure->hit) - chance.mean(), 2) / chance.variance();
    const double tail = chance.at_least(figure->hit);
    if (tail >= smallest_tail) continue;
    smallest_tail = tail;
    out.best = run.run.name;
    out.best_hits = figure->hit;
  }
  const auto runs = static_cast<double>(out.runs);
  out.z = (static_cast<double>(out.hits) - out.expected) / std::sqrt(variance);
  out.p = normal_p(out.z);
  out.spread = squares / runs;
  out.best_p = -std::expm1(runs * std::log1p(-std::min(smallest_tail, 1.0)));
  return out;
}

std::vector<Pooled> pool_all(const Audit& all) {
  std::vector<int> cuts;
  for (const auto& run : all.runs) {
    for (const auto& figure : run.figures) {
      if (figure.metric == "recall") cuts.push_back(figure.k);
    }
  }
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  std::vector<Pooled> out;
  for (const int k : cuts) out.push_back(pool(all, k));
  return out;
}

Gain gain_of(const RunAudit& run, const FigureAudit& to, const RunAudit& baseline, const FigureAudit& from) {
  Gain gain;
  gain.run = run.run.name;
  gain.metric = to.name;
  gain.from = from.value;
  gain.to = to.value;
  if (to.metric != "recall") {
    // What two guessing runs differ by says nothing of runs that do not guess.
    if (std::min(from.p, to.p) >= surely) gain.error = std::hypot(from.error, to.error);
    return gain;
  }
  const auto n = static_cast<double>(run.cases), m = static_cast<double>(baseline.cases);
  gain.from_hits = from.hit;
  gain.to_hits = to.hit;
  gain.error = std::sqrt(to.value * (1 - to.value) / n + from.value * (1 - from.value) / m);
  gain.p = two_shares_p(to.hit, run.cases, from.hit, baseline.cases);
  return gain;
}

void compare_with_baseline(Audit& out, const std::string& wanted) {
  const auto called = [&](const RunAudit& run) { return wanted.empty() || run.run.name == wanted; };
  const auto baseline = std::find_if(out.runs.begin(), out.runs.end(), called);
  if (baseline == out.runs.end()) {
    std::vector<std::string> names;
    for (const auto& run : out.runs) names.push_back(run.run.name);
    throw Error("no run is called '{}'; known: {}", wanted, fmt::join(names, ", "));
  }
  out.baseline = baseline->run.name;
  std::vector<size_t> tested;
  std::vector<double> p;
  for (auto run = out.runs.begin(); run != out.runs.end(); ++run) {
    // What guesses among other numbers of candidates can't be compared.
    if (run == baseline || run->candidates != baseline->candidates) continue;
    for (const auto& to : run->figures) {
      const auto* from = baseline->figure(to.name);
      if (from == nullptr) continue;
      out.gains.push_back(gain_of(*run, to, *baseline, *from));
      if (to.metric != "recall") continue;
      tested.push_back(out.gains.size() - 1);
      p.push_back(out.gains.back().p);
    }
  }
  const auto corrected = holm(p);
  for (size_t i = 0; i < tested.size(); ++i) out.gains[tested[i]].p_holm = corrected[i];
}

}  // namespace

const FigureAudit* RunAudit::figure(const std::string& name) const {
  const auto found = std::find_if(figures.begin(), figures.end(), [&](const auto& figure) { return figure.name == name; });
  return found == figures.end() ? nullptr : &*found;
}

Guess guess(const std::string& metric, int k, int64_t candidates) {
  const Metric of = metrics().at(metric);
  double sum = 0, squares = 0;
  for (int64_t rank = 1; rank <= std::min<int64_t>(k, candidates); ++rank) {
    const double value = of(static_cast<double>(rank), k);
    sum += value;
    squares += value * value;
  }
  const auto all = static_cast<double>(candidates);
  return {sum / all, squares / all - sum / all * (sum / all)};
}

Audit audit(std::vector<RecordedRun> runs, const AuditRequest& request) {
  Audit out;
  for (auto& run : runs) {
    RunAudit one;
    one.cases = settle(run.cases, request.cases, run, "cases");
    one.candidates = settle(run.candidates, request.candidates, run, "candidates");
    one.run = std::move(run);
    out.runs.push_back(std::move(one));
  }
  parallel_for(std::ssize(out.runs), [&](int64_t i) {
    auto& run = out.runs[static_cast<size_t>(i)];
    run.figures = judge_all(run);
    if (run.figures.empty()) throw Error("'{}': nothing can be judged; wanted are recall, NDCG or MRR at a cut below the {} candidates", run.run.name, run.candidates);
    run.first_ranks = first_five_ranks(run);
    run.findings = findings_of(run);
  });
  correct(out);
  out.pooled = pool_all(out);
  compare_with_baseline(out, request.baseline);
  return out;
}

}  // namespace segue
