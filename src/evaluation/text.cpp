#include "evaluation/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/console.h"

namespace segue {
namespace {

const std::string headline = "ndcg@10";

double headline_of(const RankerResult& ranker) {
  const auto found = ranker.all.metrics.find(headline);
  return found == ranker.all.metrics.end() ? 0.0 : found->second.mean;
}

std::string mean_of(const Metrics& metrics, const std::string& name) {
  const auto found = metrics.find(name);
  return found == metrics.end() ? "–" : fmt::format("{:.4f}", found->second.mean);
}

std::string interval_of(const Metrics& metrics) {
  const auto found = metrics.find(headline);
  return found == metrics.end() ? "–" : fmt::format("[{:.4f}, {:.4f}]", found->second.low, found->second.high);
}

std::string slice_of(const RankerResult& ranker, const std::string& slice) {
  const auto found = ranker.slices.find(slice);
  return found == ranker.slices.end() ? "–" : mean_of(found->second.metrics, headline);
}

TextTable table_of(const Evaluation& evaluation) {
  TextTable table({"<ranker", "recall@10", "ndcg@10", "95 %", "mrr@10", "repeat", "new", "start", "within", "seconds"});
  for (const size_t i : best_first(evaluation)) {
    const auto& ranker = evaluation.rankers[i];
    const auto& all = ranker.all.metrics;
    table.row({ranker.name + (near_chance(ranker) ? " ~" : ""), mean_of(all, "recall@10"), mean_of(all, headline),
               interval_of(all), mean_of(all, "mrr@10"), slice_of(ranker, "repeat"), slice_of(ranker, "new"),
               slice_of(ranker, "start"), slice_of(ranker, "within"), fmt::format("{:.1f}", ranker.seconds)});
  }
  table.rule();
  table.row({"chance", mean_of(evaluation.chance, "recall@10"), mean_of(evaluation.chance, headline),
             interval_of(evaluation.chance), mean_of(evaluation.chance, "mrr@10")});
  return table;
}

std::vector<std::string> remarks(const Evaluation& evaluation) {
  std::vector<std::string> lines{"repeat, new, start, within: ndcg@10 of the cases whose track was played before or not, "
                                 "that open a session or not"};
  if (std::any_of(evaluation.rankers.begin(), evaluation.rankers.end(), near_chance)) {
    lines.push_back("~ recall@10 or ndcg@10 is inside the interval of chance: guessing could have given it");
  }
  for (auto& line : verdict(evaluation)) lines.push_back(std::move(line));
  for (const auto& ranker : evaluation.rankers) {
    if (!ranker.note.empty()) lines.push_back(fmt::format("{}: {}", ranker.name, ranker.note));
  }
  return lines;
}

std::string lead_of(const Evaluation& evaluation, const RankerResult& first, const RankerResult& second) {
  const auto pair = pair_of(evaluation, first.name, second.name, headline);
  if (!pair) return fmt::format("{} and {} were not compared.", first.name, second.name);
  return fmt::format("{} is {:.4f} [{:.4f}, {:.4f}] ahead of {}: {} (p {:.4f}, with Holm's correction {:.4f}).",
                     first.name, pair->difference, pair->low, pair->high, second.name,
                     pair->p_holm < 0.05 ? "more than luck" : "it may be luck", pair->p, pair->p_holm);
}

}  // namespace

std::vector<size_t> best_first(const Evaluation& evaluation) {
  std::vector<size_t> order(evaluation.rankers.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t i, size_t j) {
    return headline_of(evaluation.rankers[i]) > headline_of(evaluation.rankers[j]);
  });
  return order;
}

std::optional<PairResult> pair_of(const Evaluation& evaluation, const std::string& a, const std::string& b,
                                  const std::string& metric) {
  for (const auto& pair : evaluation.pairs) {
    if (pair.metric != metric) continue;
    if (pair.a == a && pair.b == b) return pair;
    if (pair.a != b || pair.b != a) continue;
    auto turned = pair;
    turned.a = a;
    turned.b = b;
    turned.difference = -pair.difference;
    turned.low = -pair.high;
    turned.high = -pair.low;
    return turned;
  }
  return std::nullopt;
}

bool near_chance(const RankerResult& ranker) {
  return std::any_of(ranker.inside_chance.begin(), ranker.inside_chance.end(),
                     [](const std::string& name) { return name == headline || name == "recall@10"; });
}

std::vector<std::string> verdict(const Evaluation& evaluation) {
  const auto order = best_first(evaluation);
  if (order.empty()) return {};
  const auto& best = evaluation.rankers[order[0]];
  std::vector<std::string> lines{fmt::format("Best: {}, ndcg@10 {:.4f}.", best.name, headline_of(best))};
  if (order.size() > 1) lines.push_back(lead_of(evaluation, best, evaluation.rankers[order[1]]));
  const auto single = std::find_if(order.begin(), order.end(), [&](size_t i) { return !evaluation.rankers[i].mixed; });
  if (best.mixed && single != order.end()) {
    const auto& ranker = evaluation.rankers[*single];
    lines.push_back(fmt::format("Best single ranker: {}, ndcg@10 {:.4f}.", ranker.name, headline_of(ranker)));
    if (*single != order[1]) lines.push_back(lead_of(evaluation, best, ranker));
  }
  return lines;
}

std::string grouped(int64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(), first = number < 0 ? 1 : 0; at > first + 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::vector<std::pair<std::string, std::string>> protocol_facts(const Evaluation& evaluation) {
  const auto& p = evaluation.protocol;
  std::vector<std::pair<std::string, std::string>> facts{
      {"protocol", p.name},
      {"data", p.data_hash},
      {"split", p.split},
      {"part", p.part},
      {"candidates", p.candidates},
      {"repeats", p.repeats},
      {"ties", p.ties},
      {"cases", fmt::format("{} ranked, {} with a target outside the candidates", grouped(p.cases), grouped(p.out_of_catalogue))},
      {"listeners", grouped(p.listeners)},
      {"intervals", p.intervals},
      {"seed", std::to_string(p.seed)},
  };
  std::erase_if(facts, [](const auto& fact) { return fact.second.empty(); });
  return facts;
}

std::string evaluation_text(const Evaluation& evaluation) {
  std::string out;
  for (const auto& [label, value] : protocol_facts(evaluation)) out += printable(fmt::format("{:<11}{}", label, value)) + '\n';
  out += '\n' + table_of(evaluation).text() + '\n';
  for (const auto& line : remarks(evaluation)) out += printable(line) + '\n';
  return out;
}

std::string evaluation_markdown(const Evaluation& evaluation) {
  TextTable protocol({"<protocol", "<" + evaluation.protocol.name});
  for (const auto& [label, value] : protocol_facts(evaluation)) {
    if (label != "protocol") protocol.row({label, value});
  }
  std::string out = protocol.markdown() + '\n' + table_of(evaluation).markdown() + '\n';
  for (const auto& line : remarks(evaluation)) out += fmt::format("* {}\n", markdown_text(line));
  return out;
}

}  // namespace segue
