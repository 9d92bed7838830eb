#pragma once

#include <string>
#include <vector>

#include "evaluation/results.h"

namespace segue {

/// Any table: the first cell of a row names it. Cells are text.
std::string html_table(const std::string& caption, const std::vector<std::string>& headings, const std::vector<std::vector<std::string>>& rows);

/// The rankers in numbers: headline metrics with intervals, seconds, the row of chance.
std::string ranker_table(const Evaluation& evaluation);

/// ndcg@10 of each slice that has cases.
std::string slice_table(const Evaluation& evaluation);

/// What the lists are like: coverage, repeats, artists … Empty where nothing is known of them.
std::string list_table(const Evaluation& evaluation);

/// Every metric at every cut, a column per ranker.
std::string metric_table(const Evaluation& evaluation);

}  // namespace segue
