#pragma once

#include <string>

#include "evaluation/results.h"

namespace segue {

/// The table of an evaluation for the screen: the protocol, a row per ranker, best ndcg@10 first, the row of chance,
/// and what the paired tests say of the best.
std::string evaluation_text(const Evaluation& evaluation);

/// The same as Markdown.
std::string evaluation_markdown(const Evaluation& evaluation);

}  // namespace segue
