#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "evaluation/results.h"

namespace segue {

/// The metric by which rankers are sorted and compared.
inline const std::string headline = "ndcg@10";

/// Numbers of the rankers, best ndcg@10 first.
std::vector<size_t> best_first(const Evaluation& evaluation);

/// The comparison of two rankers, a - b, whichever way round it is stored; nothing where they were not compared.
std::optional<PairResult> pair_of(const Evaluation& evaluation, const std::string& a, const std::string& b,
                                  const std::string& metric);

/// The level below which a corrected p counts as more than luck.
inline constexpr double significance = 0.05;

/// Whether guessing could have given a ranker its ndcg@10 or recall@10.
bool near_chance(const RankerResult& ranker);

/// Sentences that name the best, the best single ranker, and whether their lead is more than luck.
std::vector<std::string> verdict(const Evaluation& evaluation);

/// What must stand beside every number: pairs of a label and a value.
std::vector<std::pair<std::string, std::string>> protocol_facts(const Evaluation& evaluation);

/// The seed, or those that were averaged: "1, 2, 3".
std::string seeds_text(const ProtocolInfo& protocol);

/// 1234567 as "1,234,567".
std::string grouped(int64_t number);

}  // namespace segue
