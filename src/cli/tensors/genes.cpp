#include "annotation/genes.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "annotation/chart.h"
#include "annotation/gene_signal.h"
#include "cli/verbs.h"
#include "core/console.h"
#include "core/error.h"
#include "signals/track_index.h"

namespace segue {
namespace {

struct Arguments {
  Common common;
  std::string data, signal = "genes", track;
  bool ascii = false;
};

using Json = nlohmann::ordered_json;

void print(const Json& document) { fmt::print("{}\n", document.dump(1, ' ', false, Json::error_handler_t::replace)); }

Json json_of(const GeneRow& row, const Tracks& tracks) {
  const auto t = static_cast<size_t>(row.track);
  Json out{{"track", row.track}, {"artist", tracks.artist[t]}, {"title", tracks.title[t]}, {"confidence", Json::object()}, {"genes", Json::object()}};
  for (size_t i = 0; i < row.confidence.size(); ++i) {
    if (row.confidence[i] >= 0) out["confidence"][gene_categories()[i].key] = confidences()[static_cast<size_t>(row.confidence[i])];
  }
  for (size_t gene = 0; gene < gene_count; ++gene) {
    Json& one = out["genes"][genes()[gene].key];
    one["value"] = row.values[gene] ? Json(*row.values[gene]) : Json();
    one["said"] = row.said[gene] ? Json(*row.said[gene]) : Json();
    one["standing"] = word_of(row.standing[gene]);
  }
  return out;
}

void show_track(const Arguments& given, const StoredGenes& stored, Tracks& tracks) {
  std::vector<int32_t> known;
  for (const auto& row : stored.rows) known.push_back(row.track);
  const GeneRow& row = *stored.find(find_track(given.track, tracks, known, "row in this signal"));
  if (given.common.json) return print(json_of(row, tracks));
  GeneRemarks remarks;
  for (size_t gene = 0; gene < gene_count; ++gene) {
    if (row.values[gene]) continue;
    remarks[gene] = word_of(row.standing[gene]);
    if (row.said[gene]) remarks[gene] += fmt::format(" ({:g})", *row.said[gene]);
  }
  fmt::print("{}\n\n{}", printable(name_of(tracks, row.track)), gene_chart(row.values, remarks, given.ascii));
}

void run(const Arguments& given) {
  Tracks tracks = tracks_of(given.data);
  const StoredGenes stored = load_genes(given.data, given.signal);
  if (!given.track.empty()) return show_track(given, stored, tracks);
  const auto report = report_of(stored, tracks.size(), load_trust(given.data, given.signal));
  if (given.common.json) print(to_json(report));
  else fmt::print("{}", text_of(report));
}

}  // namespace

void add_genes(CLI::App& app) {
  auto given = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("genes", genes_help);
  verb->add_option("data", given->data, "A data folder")->required()->check(CLI::ExistingDirectory);
  verb->add_option("--signal", given->signal, "Which signal")->capture_default_str();
  verb->add_option("--track", given->track, "A track: \"ARTIST - TITLE\", or a part of it that only one track has; its genes as a chart");
  verb->add_flag("--ascii", given->ascii, "Draws with plain characters");
  add_common(*verb, given->common);
  verb->callback([given] { run(*given); });
}

}  // namespace segue
