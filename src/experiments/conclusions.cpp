#include "experiments/conclusions.h"

#include <fmt/format.h>

#include <map>

#include "evaluation/findings.h"

namespace segue {
namespace {

std::string numbers(const SeededPair& one) {
  return fmt::format("{:+.4f} [{:+.4f}, {:+.4f}]", one.pair.difference, one.pair.low, one.pair.high);
}

std::string claimed(const Comparison& comparison, const SeededPair& one) {
  const auto& [a, b, metric, difference, low, high, p, p_holm] = one.pair;
  const std::string proof = fmt::format("{}, with the same sign in each of {} seeds (p {:.4f}, with Holm's correction {:.4f})", numbers(one), one.by_seed.size(), p, p_holm);
  if (b == "counters") {
    const auto variant = comparison.variant_of.find(a);
    return fmt::format("Mixing {} into the counters {} {}: {}.", variant == comparison.variant_of.end() ? a : variant->second,
                       difference > 0 ? "raises" : "lowers", metric, proof);
  }
  return fmt::format("{} is {} {} in {}: {}.", a, difference > 0 ? "ahead of" : "behind", b, metric, proof);
}

constexpr size_t most_denied = 12;  // of which each has a line of its own

/// Of each mix that is no claim over the counters why it is none; of many, how many for each reason.
std::vector<std::string> denials(const std::vector<const SeededPair*>& denied) {
  std::vector<std::string> lines;
  std::map<std::string, int> reasons;
  for (const auto* one : denied) {
    lines.push_back(fmt::format("No claim of {} over the counters: {} {}; {}.", one->pair.a, headline, numbers(*one), one->why_not));
    ++reasons[one->why_not.substr(0, one->why_not.find(':'))];  // p differs
  }
  if (denied.size() <= most_denied) return lines;
  lines.clear();
  for (const auto& [reason, mixes] : reasons) lines.push_back(fmt::format("No claim of {} mixes over the counters: {}.", mixes, reason));
  return lines;
}

}  // namespace

std::vector<std::string> conclusions(const Comparison& comparison) {
  std::vector<std::string> lines;
  std::vector<const SeededPair*> denied;
  for (const auto& family : comparison.families) {
    for (const auto& one : family.pairs) {
      if (one.pair.metric != headline || !one.slice.empty()) continue;
      if (one.claimed) lines.push_back(claimed(comparison, one));
      else if (one.pair.b == "counters") denied.push_back(&one);
    }
  }
  for (auto& line : denials(denied)) lines.push_back(std::move(line));
  return lines;
}

}  // namespace segue
