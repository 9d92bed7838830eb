#pragma once

#include <string>

#include "core/console.h"
#include "evaluation/results.h"

namespace segue {

/// A row per ranker, best ndcg@10 first, and the row of chance.
TextTable evaluation_table(const Evaluation& evaluation);

/// What must stand beside every number: a line each, or a table.
std::string facts_text(const Evaluation& evaluation);
std::string facts_markdown(const Evaluation& evaluation);

/// The table of an evaluation for the screen: the protocol, a row per ranker, best ndcg@10 first, the row of chance,
/// and what the paired tests say of the best.
std::string evaluation_text(const Evaluation& evaluation);

/// The same as Markdown.
std::string evaluation_markdown(const Evaluation& evaluation);

}  // namespace segue
