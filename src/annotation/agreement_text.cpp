#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "annotation/agreement.h"
#include "core/console.h"
#include "core/error.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, 3> verdicts{"not judged", "usable", "unusable"};

Json json_of(const GeneAgreement& gene) {
  Json json{{"verdict", in_words(gene.verdict)}, {"tracks", gene.tracks}};
  if (!gene.why.empty()) json["why"] = gene.why;
  if (gene.tracks > 0) json["mae"] = gene.error, json["bias"] = gene.bias;
  if (gene.rank) json["rank_correlation"] = *gene.rank;
  if (const auto& judged = gene.judged) {
    json["mae_constant"] = judged->constant;
    json["mae_calibrated"] = judged->calibrated;
    json["difference"] = {judged->low, judged->high};
    json["bias_calibrated"] = judged->calibrated_bias;
  }
  if (gene.verdict == Verdict::usable) json["calibration"] = to_json(gene.calibration);
  return json;
}

GeneAgreement gene_from(const nlohmann::json& json) {
  GeneAgreement gene;
  const auto verdict = std::find(verdicts.begin(), verdicts.end(), json.at("verdict").get<std::string>());
  if (verdict == verdicts.end()) throw Error("no verdict '{}'; known: {}, {}, {}", json.at("verdict").get<std::string>(), verdicts[0], verdicts[1], verdicts[2]);
  gene.verdict = static_cast<Verdict>(verdict - verdicts.begin());
  gene.tracks = json.at("tracks");
  gene.why = json.value("why", "");
  gene.error = json.value("mae", 0.0);
  gene.bias = json.value("bias", 0.0);
  if (json.contains("rank_correlation")) gene.rank = json.at("rank_correlation").get<double>();
  if (json.contains("difference")) {
    gene.judged = {.constant = json.at("mae_constant"), .calibrated = json.at("mae_calibrated"), .low = json.at("difference").at(0),
                   .high = json.at("difference").at(1), .calibrated_bias = json.at("bias_calibrated")};
  }
  if (gene.verdict == Verdict::usable) gene.calibration = calibration_of(json.at("calibration"));
  return gene;
}

std::vector<std::string> row_of(const std::string& name, const GeneAgreement& gene) {
  std::vector<std::string> cells{name, std::to_string(gene.tracks)};
  const auto number = [&](bool there, const char* format, double value) { cells.push_back(there ? fmt::format(fmt::runtime(format), value) : "–"); };
  const auto judged = gene.judged.value_or(GeneAgreement::Judged());
  number(gene.tracks > 0, "{:.3f}", gene.error);
  number(gene.judged.has_value(), "{:.3f}", judged.constant);
  number(gene.judged.has_value(), "{:.3f}", judged.calibrated);
  cells.push_back(gene.judged ? fmt::format("[{:+.3f}, {:+.3f}]", judged.low, judged.high) : "–");
  number(gene.rank.has_value(), "{:.2f}", gene.rank.value_or(0));
  number(gene.tracks > 0, "{:+.3f}", gene.bias);
  cells.push_back(in_words(gene.verdict) + (gene.why.empty() ? "" : ": " + gene.why));
  return cells;
}

}  // namespace

std::string in_words(Verdict verdict) { return verdicts[static_cast<size_t>(verdict)]; }

Json to_json(const Agreement& agreement) {
  const auto& o = agreement.options;
  Json json{{"tracks", agreement.tracks}, {"groups", agreement.groups}, {"seed", o.seed}, {"splits", o.splits}, {"draws", o.draws}, {"fewest_tracks", o.fewest}, {"fewest_groups", o.fewest_groups}};
  for (size_t gene = 0; gene < agreement.genes.size(); ++gene) json["genes"][genes()[gene].key] = json_of(agreement.genes[gene]);
  return json;
}

Agreement agreement_from(const nlohmann::json& json) {
  Agreement agreement;
  try {
    agreement.tracks = json.at("tracks");
    agreement.groups = json.at("groups");
    agreement.options = {.seed = json.at("seed"), .splits = json.at("splits"), .draws = json.at("draws"), .fewest = json.at("fewest_tracks"), .fewest_groups = json.at("fewest_groups")};
    for (size_t gene = 0; gene < agreement.genes.size(); ++gene) agreement.genes[gene] = gene_from(json.at("genes").at(genes()[gene].key));
  } catch (const nlohmann::json::exception& bad) {
    throw Error("not the agreement of genes with experts that this program writes: {}", printable(bad.what()));
  }
  return agreement;
}

std::string text_of(const Agreement& agreement) {
  TextTable table({"<gene", "tracks", "mae", "constant", "calibrated", "95 % of the difference", "rank", "bias", "<verdict"});
  for (const auto& category : gene_categories()) {
    if (category.begin > 0) table.rule();
    for (auto gene = static_cast<size_t>(category.begin); gene < static_cast<size_t>(category.end); ++gene) table.row(row_of(genes()[gene].name, agreement.genes[gene]));
  }
  const auto& o = agreement.options;
  return table.text() +
         fmt::format("\n{} tracks of {} groups; mean absolute errors on the scale 0 to 1: as predicted, of always the experts' median, and calibrated,\n"
                     "both fitted on half of the groups and judged on the other half, both ways, in {} splits; the interval from drawing groups {} times; seed {}\n"
                     "usable, for calibrated they beat the constant: {}; unusable: {}; not judged: {}\n",
                     agreement.tracks, agreement.groups, o.splits, o.draws, o.seed, agreement.count(Verdict::usable), agreement.count(Verdict::unusable),
                     agreement.count(Verdict::not_judged));
}

}  // namespace segue
