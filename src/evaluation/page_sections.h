#pragma once

#include <string>

#include "evaluation/results.h"

namespace segue {

// Pieces of HTML from which pages of results are put together.

/// A whole page around its body: no script, no network; light and dark, wide and narrow, on paper.
std::string page(const std::string& title, const std::string& body);

/// 0.123 as "12.3 %".
std::string percent(double share);
/// A large number with its meaning, for a list of class "stats".
std::string stat(const std::string& number, const std::string& meaning);

std::string protocol_box(const Evaluation& evaluation);
/// What metrics, intervals and chance are, in plain words.
std::string terms();
/// The rankers' ndcg@10 and recall@10 as figures, under what is to be said of them (HTML).
std::string metric_section(const Evaluation& evaluation, const std::string& verdict);
std::string slice_section(const Evaluation& evaluation);
std::string rank_section(const Evaluation& evaluation);
/// All tables, and what the rankers say of themselves.
std::string table_section(const Evaluation& evaluation);

}  // namespace segue
