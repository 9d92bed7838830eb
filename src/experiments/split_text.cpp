#include <fmt/format.h>

#include "core/console.h"
#include "evaluation/findings.h"
#include "experiments/audit_text.h"

namespace segue {
namespace {

std::string share(int64_t part, int64_t of) {
  return fmt::format("{} of {} ({:.1f} %)", grouped(part), grouped(of), of == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(of));
}

std::string checks_text(const Split& split) {
  const auto& c = split.checks;
  TextTable table({"<checked", "<found"});
  table.row({"lists that hold the target twice", share(c.twice, split.cases)});
  table.row({"lists that hold another track twice", share(c.duplicates, split.cases)});
  table.row({"lists of another length", share(c.other_sizes, split.cases)});
  table.row({"first candidate is not the first play of the part", share(c.not_first, split.cases)});
  table.row({"negatives that the user has played", share(c.heard, c.negatives)});
  table.row({"targets that anybody plays in train", share(c.trained_targets, split.cases)});
  table.row({"negatives that anybody plays in train", share(c.trained_negatives, c.negatives)});
  table.row({"targets among the last 50 train plays of anybody", share(c.label_targets, split.cases)});
  table.row({"negatives among them", share(c.label_negatives, c.negatives)});
  table.row({"targets in the user's own train plays", share(c.own_targets, split.cases)});
  table.row({"train plays, median of targets and of negatives", fmt::format("{:g}, {:g}", c.plays_of_target, c.plays_of_negative)});
  table.row({"a target has more train plays than a negative", fmt::format("{:.1f} %", 100 * c.more_popular)});
  if (c.unmapped >= 0) table.row({"candidates missing in item_id_master_map.csv", grouped(c.unmapped)});
  return table.text();
}

std::vector<std::string> cells_of(const std::string& name, const Metrics& metrics) {
  std::vector<std::string> cells{name};
  for (const char* metric : {"recall@1", "recall@5", "recall@10", "recall@20", "recall@100"}) cells.push_back(fmt::format("{:.4f}", metrics.at(metric).mean));
  const auto& ten = metrics.at("recall@10");
  const auto& ndcg = metrics.at(headline);
  cells.push_back(fmt::format("[{:.4f}, {:.4f}]", ten.low, ten.high));
  cells.push_back(fmt::format("{:.4f} [{:.4f}, {:.4f}]", ndcg.mean, ndcg.low, ndcg.high));
  return cells;
}

}  // namespace

std::string split_text(const Split& split) {
  TextTable table({"<counter", "recall@1", "recall@5", "recall@10", "recall@20", "recall@100", "95 % of recall@10", "ndcg@10, 95 %"});
  for (const auto& ranker : split.rankers) table.row(cells_of(ranker.name, ranker.metrics));
  table.rule();
  table.row(cells_of("guessing", split.chance));
  return fmt::format("{}, {}: {} cases, {} candidates; each candidate is ranked once, equal ones averaged over their places\n\n{}\n{}\n", printable(split.folder), split.part, grouped(split.cases),
                     grouped(split.candidates), checks_text(split), table.text());
}

std::vector<std::string> beside_counters(const Audit& audit, const Split& split) {
  std::vector<std::string> lines;
  for (const auto& run : audit.runs) {
    const auto* ten = run.figure("recall@10");
    if (ten == nullptr || ten->verdict != Verdict::above || run.candidates != split.candidates) continue;
    for (const auto& ranker : split.rankers) {
      const auto& counter = ranker.metrics.at("recall@10");
      if (counter.high < ten->value) continue;
      lines.push_back(fmt::format("{}: recall@10 {:.4f} is no more than {} gives, {:.4f} [{:.4f}, {:.4f}]; it would be explained by {}", run.run.name, ten->value, ranker.name, counter.mean, counter.low,
                                  counter.high, ranker.about));
      break;
    }
  }
  return lines;
}

}  // namespace segue
