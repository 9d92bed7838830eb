#pragma once

#include <string>

#include "evaluation/results.h"

namespace segue {

/// The rankers in numbers: headline metrics with intervals, seconds, the row of chance.
std::string ranker_table(const Evaluation& evaluation);

/// ndcg@10 of each slice that has cases.
std::string slice_table(const Evaluation& evaluation);

/// What the lists are like: coverage, repeats, artists … Empty where nothing is known of them.
std::string list_table(const Evaluation& evaluation);

/// Every metric at every cut, a column per ranker.
std::string metric_table(const Evaluation& evaluation);

}  // namespace segue
