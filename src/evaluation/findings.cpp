#include "evaluation/findings.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

namespace segue {
namespace {

double headline_of(const RankerResult& ranker) {
  const auto found = ranker.all.metrics.find(headline);
  return found == ranker.all.metrics.end() ? 0.0 : found->second.mean;
}

std::string lead_of(const Evaluation& evaluation, const RankerResult& first, const RankerResult& second) {
  const auto pair = pair_of(evaluation, first.name, second.name, headline);
  if (!pair) return fmt::format("{} and {} were not compared.", first.name, second.name);
  return fmt::format("{} is {:.4f} [{:.4f}, {:.4f}] ahead of {}: {} (p {:.4f}, with Holm's correction {:.4f}).",
                     first.name, pair->difference, pair->low, pair->high, second.name,
                     pair->p_holm < significance ? "more than luck" : "it may be luck", pair->p, pair->p_holm);
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
  const std::string digits = std::to_string(number);
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && digits[i - 1] != '-' && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::string seeds_text(const ProtocolInfo& protocol) {
  return protocol.seeds.empty() ? std::to_string(protocol.seed) : fmt::format("{}", fmt::join(protocol.seeds, ", "));
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
      {p.seeds.empty() ? "seed" : "seeds", seeds_text(p)},
  };
  std::erase_if(facts, [](const auto& fact) { return fact.second.empty(); });
  return facts;
}

}  // namespace segue
