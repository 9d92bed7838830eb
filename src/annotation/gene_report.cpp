#include <fmt/format.h>

#include "annotation/agreement.h"
#include "annotation/gene_signal.h"
#include "core/console.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

double share(int64_t part, int64_t whole) { return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0; }

/// Values of a category by standing.
std::array<int64_t, standings> of_category(const GeneSignalReport& report, const GeneCategory& category) {
  std::array<int64_t, standings> sum{};
  for (int64_t gene = category.begin; gene < category.end; ++gene) {
    for (size_t i = 0; i < standings; ++i) sum[i] += report.standing[static_cast<size_t>(gene)][i];
  }
  return sum;
}

int64_t known_of(const std::array<int64_t, standings>& by) {
  int64_t sum = 0;
  for (size_t i = 0; i < standings; ++i) sum += is_known(static_cast<Standing>(i)) ? by[i] : 0;
  return sum;
}

/// Why values are missing, in the order of standings, those that occur.
std::string reasons(const GeneSignalReport& report) {
  std::string out;
  for (size_t i = 0; i < standings; ++i) {
    const auto what = static_cast<Standing>(i);
    if (is_known(what) || report.count(what) == 0) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", report.count(what), word_of(what));
  }
  return out;
}

}  // namespace

int64_t GeneSignalReport::count(Standing what) const {
  int64_t sum = 0;
  for (const auto& by : standing) sum += by[static_cast<size_t>(what)];
  return sum;
}

GeneSignalReport report_of(const StoredGenes& stored, int64_t tracks, Json trust) {
  GeneSignalReport out;
  out.about = stored.about;
  out.tracks = tracks;
  out.answered = std::ssize(stored.rows);
  out.trust = std::move(trust);
  for (const auto& row : stored.rows) {
    bool any = false;
    for (size_t gene = 0; gene < gene_count; ++gene) {
      ++out.standing[gene][static_cast<size_t>(row.standing[gene])];
      any = any || is_known(row.standing[gene]);
    }
    out.with_vector += any ? 1 : 0;
  }
  return out;
}

Json to_json(const GeneSignalReport& report) {
  Json out{{"signal", report.about.name}, {"space", report.about.space}, {"space_id", report.about.space_id()}, {"width", report.about.width},
           {"tracks", report.tracks}, {"answered", report.answered}, {"with_vector", report.with_vector}, {"genes", Json::object()}, {"trust", report.trust}};
  for (size_t gene = 0; gene < gene_count; ++gene) {
    Json& one = out["genes"][genes()[gene].key];
    one["known"] = known_of(report.standing[gene]);
    for (size_t i = 0; i < standings; ++i) {
      if (report.standing[gene][i] > 0) one[word_of(static_cast<Standing>(i))] = report.standing[gene][i];
    }
  }
  return out;
}

std::string text_of(const GeneSignalReport& report) {
  std::string out = fmt::format("signal {}: {}\n{} of {} tracks have values ({:.1f} %)\n", report.about.name, report.about.space, report.with_vector, report.tracks,
                                100 * share(report.with_vector, report.tracks));
  TextTable table({"<category", "genes", "values", "% of asked", "unknown", "refused", "unsure", "disagreed", "inconsistent", "unusable"});
  for (const auto& category : gene_categories()) {
    const auto by = of_category(report, category);
    const auto n = [&](Standing what) { return std::to_string(by[static_cast<size_t>(what)]); };
    const int64_t asked = report.answered * (category.end - category.begin);
    table.row({category.name, std::to_string(category.end - category.begin), std::to_string(known_of(by)), fmt::format("{:.1f}", 100 * share(known_of(by), asked)),
               n(Standing::unknown), n(Standing::refused), n(Standing::unsure), n(Standing::disagreed), n(Standing::inconsistent), n(Standing::unusable)});
  }
  out += table.text();
  if (const std::string why = reasons(report); !why.empty()) out += "values that are missing: " + why + "\n";
  const Json rules = report.trust.value("rules", Json::object());
  for (const auto& [rule, count] : rules.items()) {
    if (count.get<int64_t>() > 0) out += fmt::format("rule {}: {} tracks\n", rule, count.get<int64_t>());
  }
  if (report.trust.contains("agreement")) out += fmt::format("\n{}", text_of(agreement_from(report.trust["agreement"])));
  return out;
}

}  // namespace segue
