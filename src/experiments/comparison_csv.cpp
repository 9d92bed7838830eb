#include "experiments/comparison_csv.h"

#include <fmt/format.h>

namespace segue {
namespace {

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

struct Row {
  std::string kind, name, against, factor, slice, metric;
  Estimate value;
  std::string p, p_holm, claimed;
  size_t seeds = 0;
};

std::string line(const std::string& candidates, const Row& row) {
  return fmt::format("{},{},{},{},{},{},{},{:.17g},{:.17g},{:.17g},{},{},{},{}\r\n", candidates, row.kind, quoted(row.name), quoted(row.against), quoted(row.factor), row.slice, row.metric,
                     row.value.mean, row.value.low, row.value.high, row.p, row.p_holm, row.claimed, row.seeds);
}

std::string lines(const Comparison& comparison) {
  const std::string candidates = quoted(comparison.evaluation.protocol.candidates);
  std::string out;
  const auto add = [&](const char* kind, const std::string& name, const std::string& slice, const auto& metrics, size_t seeds) {
    for (const auto& [metric, value] : metrics) out += line(candidates, {kind, name, "", "", slice, metric, value, "", "", "", seeds});
  };
  for (const auto& ranker : comparison.evaluation.rankers) {
    const auto seeds = comparison.by_seed.find(ranker.name);
    const size_t n = seeds == comparison.by_seed.end() ? 0 : seeds->second.size();
    add("ranker", ranker.name, "", ranker.all.metrics, n);
    for (const auto& [slice, of] : ranker.slices) add("ranker", ranker.name, slice, of.metrics, n);
  }
  add("chance", "chance", "", comparison.evaluation.chance, 0);
  for (const auto& family : comparison.families) {
    for (const auto& one : family.pairs) {
      const auto& p = one.pair;
      out += line(candidates, {family.name, p.a, p.b, one.factor, one.slice, p.metric, {p.difference, p.low, p.high}, fmt::format("{:.6g}", p.p), fmt::format("{:.6g}", p.p_holm),
                               one.claimed ? "yes" : "no", one.by_seed.size()});
    }
  }
  return out;
}

}  // namespace

std::string comparison_csv(const CompareResult& result) {
  std::string out = "candidates,kind,name,against,factor,slice,metric,value,low,high,p,p_holm,claimed,seeds\r\n" + lines(result.catalogue);
  return result.everything ? out + lines(*result.everything) : out;
}

}  // namespace segue
