#include "experiments/plan.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/progress.h"
#include "evaluation/text.h"
#include "experiments/cost.h"
#include "experiments/jobs.h"

namespace segue {
namespace {

/// Seconds that a unit of arithmetic takes.
struct Speeds {
  std::vector<double> small, language;  // of the runs that were measured
  double machine = 0;                   // where none was

  /// measured: whether a run said so.
  double of(bool is_language, bool& measured) const {
    const auto& own = is_language ? language : small;
    const auto& some = own.empty() ? (is_language ? small : language) : own;
    measured = !some.empty();
    return measured ? median(some) : machine;
  }
  static double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + std::ssize(values) / 2, values.end());
    return values[values.size() / 2];
  }
};

/// One variant or ranker with its seeds.
struct Cell {
  PlannedVariant planned;
  std::vector<Cost> measured;
  RunWork work;
};

std::vector<Cell> cells_in(const std::vector<Job>& jobs, const RunTools& tools) {
  std::vector<Cell> cells;
  for (const auto& job : jobs) {
    auto cell = std::find_if(cells.begin(), cells.end(), [&](const Cell& c) { return c.planned.name == job.name; });
    if (cell == cells.end()) {
      cell = cells.insert(cells.end(), Cell{});
      cell->planned.name = job.name;
      cell->planned.run = job.variant != nullptr;
      if (cell->planned.run) cell->planned.settings = fmt::format("{}", fmt::join(job.variant->settings, ", "));
      if (cell->planned.run && tools.work) cell->work = tools.work(job.config);
    }
    ++cell->planned.seeds;
    if (!JobStates::finished(job)) continue;
    ++cell->planned.done;
    if (const auto cost = cost_in(job.folder)) cell->measured.push_back(*cost);
  }
  return cells;
}

double mean_seconds(const std::vector<Cost>& costs) {
  double sum = 0;
  for (const auto& cost : costs) sum += cost.seconds();
  return sum / static_cast<double>(costs.size());
}

Speeds speeds_of(const std::vector<Cell>& cells, const RunTools& tools) {
  Speeds speeds;
  for (const auto& cell : cells) {
    if (cell.measured.empty() || cell.work.operations <= 0) continue;
    (cell.work.language ? speeds.language : speeds.small).push_back(mean_seconds(cell.measured) / cell.work.operations);
  }
  if (speeds.small.empty() && speeds.language.empty() && tools.seconds_of_an_operation) speeds.machine = tools.seconds_of_an_operation();
  return speeds;
}

void estimate(Cell& cell, const Speeds& speeds, double ranker_s) {
  auto& planned = cell.planned;
  planned.memory_bytes = cell.work.memory_bytes;
  for (const auto& cost : cell.measured) planned.memory_bytes = std::max(planned.memory_bytes, cost.memory_bytes);
  if (!cell.measured.empty()) {
    planned.seconds = mean_seconds(cell.measured);
    planned.from = "measured";
  } else if (cell.work.operations > 0) {
    bool by_runs = false;
    planned.seconds = cell.work.operations * speeds.of(cell.work.language, by_runs);
    planned.from = by_runs ? "other runs" : "arithmetic";
  } else {
    planned.seconds = ranker_s;
    planned.from = ranker_s > 0 ? "other rankers" : "nothing";
  }
}

}  // namespace

Plan plan_of(const Grid& grid, const Prepared& prepared, const RunTools& tools, const Path& folder) {
  const auto jobs = checked_jobs(grid, prepared, tools, folder);
  auto cells = cells_in(jobs, tools);
  const Speeds speeds = speeds_of(cells, tools);
  std::vector<double> rankers, off;
  for (const auto& cell : cells) {
    if (cell.measured.empty()) continue;
    const double took = mean_seconds(cell.measured);
    if (!cell.planned.run) rankers.push_back(took);
    if (cell.work.operations <= 0) continue;
    bool measured = false;
    off.push_back(std::exp(std::abs(std::log(took / (cell.work.operations * speeds.of(cell.work.language, measured))))));
  }
  Plan plan;
  for (auto& cell : cells) {
    estimate(cell, speeds, rankers.empty() ? 0 : Speeds::median(rankers));
    const int64_t left = cell.planned.seeds - cell.planned.done;
    plan.seconds_left += cell.planned.seconds * static_cast<double>(left);
    plan.runs_left += left;
    plan.variants.push_back(std::move(cell.planned));
  }
  if (!off.empty()) plan.off = Speeds::median(off);
  return plan;
}

std::string plan_text(const Plan& plan) {
  TextTable table({"<what", "seeds", "done", "each", "known from", "GiB"});
  for (const auto& one : plan.variants) {
    const auto memory = one.memory_bytes == 0 ? std::string() : fmt::format("{:.1f}", std::ldexp(static_cast<double>(one.memory_bytes), -30));
    table.row({one.name, std::to_string(one.seeds), std::to_string(one.done), one.from == "nothing" ? "" : clock_time(one.seconds), one.from, memory});
  }
  std::string out = table.text() + fmt::format("\nleft: {} runs and rankers, about {} in one process\n", plan.runs_left, clock_time(plan.seconds_left));
  if (plan.off > 0) out += fmt::format("the arithmetic is off by a factor of {:.1f} (median) for what was measured\n", plan.off);
  else out += "nothing was measured here yet: times are operations at a third of what a product of matrices reaches now, and may be off severalfold\n";
  return out;
}

nlohmann::ordered_json plan_json(const Plan& plan) {
  nlohmann::ordered_json out{{"variants", nlohmann::ordered_json::array()}, {"runs_left", plan.runs_left}, {"seconds_left", plan.seconds_left}, {"off", plan.off}};
  for (const auto& one : plan.variants) {
    out["variants"].push_back({{"name", one.name}, {"run", one.run}, {"settings", one.settings}, {"seeds", one.seeds}, {"done", one.done}, {"seconds", one.seconds}, {"from", one.from},
                               {"memory_bytes", one.memory_bytes}});
  }
  return out;
}

}  // namespace segue
