#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace segue {

/// A figure as somebody printed it.
struct Figure {
  double value = 0;
  int digits = 0;  // behind the point; at most exact_digits
};

/// From so many digits on a figure was not rounded by hand.
inline constexpr int exact_digits = 12;

/// What a heading or a key means.
struct FigureName {
  std::string metric;  // recall, hit, ndcg, mrr, map, precision
  int k = 0;
  bool percent = false;

  std::string key() const;  // "recall@10"
};

/// "Recall@10", "recall_10", "HR@10", "R@10 (%)", "test_ndcg@10"; nothing where it is none of them.
std::optional<FigureName> figure_name(std::string_view text);

/// "Recall", "nDCG", "hit rate" as recall, ndcg, hit; nothing where it is no metric.
std::optional<std::string> metric_name(std::string_view word);

/// "Top-10", "@10", "k=10"; nothing where it is no cut.
std::optional<int> cut_of(std::string_view word);

/// "0.034", "**.034**", "3.4%", "0.034 ± 0.002"; nothing where there is no number, as in "" and "–".
/// percent: of 100, whether it says so or not.
std::optional<Figure> figure_of(std::string_view text, bool percent);

/// Every "name@k" in a text that a number follows: "recall@10 : 0.1", "('recall@10', 0.1)", "Recall_10=0.1".
std::vector<std::pair<FigureName, Figure>> figures_in(std::string_view text, bool percent);

/// The whole number that a text begins with; 0 where there is none.
int64_t count_in(std::string_view text);

/// In small letters where they are ASCII: as long as it was.
std::string lower_ascii(std::string_view text);
/// Without white space at its ends.
std::string_view trimmed(std::string_view text);

}  // namespace segue
