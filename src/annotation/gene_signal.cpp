#include "annotation/gene_signal.h"

#include <fmt/format.h>

#include <algorithm>

#include "annotation/agreement.h"
#include "annotation/consensus.h"
#include "annotation/consistency.h"
#include "core/error.h"
#include "listening/names.h"
#include "signals/track_index.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

/// What was said of a track, pass by pass.
std::vector<TrackAnswer> passes_of(const Ledger& ledger, const AnswerKeys& keys, const Json& known, const QuestionPlan& plan) {
  std::vector<TrackAnswer> passes;
  for (int64_t pass = 0; pass < plan.passes; ++pass) {
    TrackAnswer all;
    bool any = false;
    for (int64_t part = 0; part < plan.parts(); ++part) {
      const auto found = ledger.find(keys.of(known, part, pass));
      if (!found) continue;
      any = true;
      all.add(read_track_answer(found->text));
    }
    if (any) passes.push_back(all);
  }
  return passes;
}

Standing standing_of(Consent consent, const std::vector<TrackAnswer>& passes, size_t gene) {
  switch (consent) {
    case Consent::agreed: return passes.size() > 1 ? Standing::agreed : Standing::answered;
    case Consent::disagreed: return Standing::disagreed;
    case Consent::seldom: return Standing::unknown;
    case Consent::unknown: break;
  }
  const bool said = std::any_of(passes.begin(), passes.end(), [&](const TrackAnswer& pass) { return pass.reply[gene] == Said::unknown; });
  return said ? Standing::unknown : Standing::refused;
}

/// Mean of the passes that have a value.
std::optional<float> mean_of(const std::vector<TrackAnswer>& passes, size_t gene) {
  float sum = 0, count = 0;
  for (const auto& pass : passes) {
    if (!pass.values[gene]) continue;
    sum += *pass.values[gene];
    ++count;
  }
  return count > 0 ? std::optional(sum / count) : std::nullopt;
}

void leave_out(GeneRow& row, size_t gene, Standing why) {
  row.values[gene].reset();
  row.standing[gene] = why;
}

/// The passes of a track as one, without what the model is unsure of.
GeneRow row_of(int32_t track, const std::vector<TrackAnswer>& passes, const TrustOptions& trust, int8_t least) {
  GeneRow row{.track = track};
  std::vector<GeneValues> values;
  for (const auto& pass : passes) values.push_back(pass.values);
  const Consensus consensus = consensus_of(values, trust.apart);
  row.values = consensus.values;
  for (size_t gene = 0; gene < gene_count; ++gene) {
    row.said[gene] = mean_of(passes, gene);
    row.standing[gene] = standing_of(consensus.standing[gene], passes, gene);
  }
  for (size_t at = 0; at < gene_categories().size(); ++at) {
    row.confidence[at] = passes.front().confidence[at];
    for (const auto& pass : passes) row.confidence[at] = std::min(row.confidence[at], pass.confidence[at]);
    if (row.confidence[at] >= least) continue;
    for (int64_t gene = gene_categories()[at].begin; gene < gene_categories()[at].end; ++gene) {
      if (is_known(row.standing[static_cast<size_t>(gene)])) leave_out(row, static_cast<size_t>(gene), Standing::unsure);
    }
  }
  return row;
}

/// Leaves out what contradicts. Tracks by rule.
Json take_rules(std::vector<GeneRow>& rows, const Evidence& evidence) {
  std::vector<int64_t> broken(gene_rules().size());
  for (auto& row : rows) {
    for (const auto& found : inconsistencies(row.values, evidence.instrumental(row.track))) {
      ++broken[static_cast<size_t>(found.rule)];
      for (const int64_t gene : found.genes) {
        if (is_known(row.standing[static_cast<size_t>(gene)])) leave_out(row, static_cast<size_t>(gene), Standing::inconsistent);
      }
    }
  }
  Json out = Json::object();
  for (size_t i = 0; i < broken.size(); ++i) out[gene_rules()[i].name] = broken[i];
  return out;
}

/// Judges the rows by experts, and takes from them what the judgement says.
Json take_experts(std::vector<GeneRow>& rows, const GeneTable& experts, const Tracks& tracks, const TrustOptions& trust) {
  std::vector<GeneValues> predicted, expert;
  std::vector<int64_t> artists;
  std::map<std::string, int64_t> numbers;
  size_t at = 0;
  for (const auto& [track, values] : experts.tracks) {
    while (at < rows.size() && rows[at].track < track) ++at;
    if (at == rows.size() || rows[at].track != track) continue;
    predicted.push_back(rows[at].values);
    expert.push_back(values);
    artists.push_back(numbers.try_emplace(fold(tracks.artist[static_cast<size_t>(track)]), std::ssize(numbers)).first->second);
  }
  const Agreement agreement = agreement_of(predicted, expert, artists, {.seed = trust.seed});
  for (auto& row : rows) {
    const GeneValues left = trusted(row.values, agreement);
    for (size_t gene = 0; gene < gene_count; ++gene) {
      if (!row.values[gene]) continue;
      if (left[gene]) row.values[gene] = left[gene];
      else if (!trust.keep_unusable) leave_out(row, gene, Standing::unusable);
    }
  }
  return to_json(agreement);
}

SignalAbout about_of(const std::string& name, const AskedOf& asked, const std::string& evidence, const TrustOptions& trust) {
  std::string space = fmt::format("genes by {}, from {}, {}, {} {}, confidence at least {}", asked.model, evidence, asked.plan.spelled(), asked.plan.passes,
                                  asked.plan.passes == 1 ? "pass" : "passes", trust.least_confidence);
  if (asked.plan.passes > 1) space += fmt::format(", at most {:g} apart", trust.apart);
  if (trust.experts.empty()) space += ", not judged";
  else space += fmt::format(", judged by {}{}", hash_text(read_file(trust.experts)).substr(0, 8), trust.keep_unusable ? ", unusable ones kept" : "");
  return {name, "names", space, gene_count};
}

/// What two signals of one name have to share: who was asked, and about what.
std::string made_by(const AskedOf& asked, const std::string& evidence) {
  return fmt::format("{} from {}, {}, {}", asked.model, evidence, asked.plan.together == 1 ? "one track a request" : fmt::format("{} tracks a request", asked.plan.together),
                     asked.plan.by_category ? "each category by itself" : "all categories");
}

void check(const Path& data, const std::string& name, const std::string& by) {
  if (!std::filesystem::exists(signal_folder(data, name) / "signal.json")) return;
  const Json trust = load_trust(data, name);
  const std::string there = trust.is_object() ? trust.value("made_by", std::string()) : std::string();
  if (there == by) return;
  throw Error("{}: signal '{}' is there, made by {}, not by {}; give this one another name (--signal)", data.string(), name,
              there.empty() ? load_about(data, name).space : there, by);
}

GeneSignalReport save(const Path& data, const SignalAbout& about, const std::vector<GeneRow>& rows, int64_t tracks, const Json& trust) {
  save_genes(data, about, rows, trust);
  return report_of({about, rows}, tracks, trust);
}

}  // namespace

void check_gene_signal(const Path& data, const std::string& name, const AskedOf& asked) {
  const Tracks tracks = tracks_of(data);
  check(data, name, made_by(asked, Evidence(data, asked.evidence, tracks).spelled()));
}

GeneSignalReport make_gene_signal(const Path& data, const std::string& name, const AskedOf& asked, const TrustOptions& trust) {
  const Tracks tracks = tracks_of(data);
  const Evidence evidence(data, asked.evidence, tracks);
  const SignalAbout about = about_of(name, asked, evidence.spelled(), trust);
  const std::string by = made_by(asked, evidence.spelled());
  const auto alone = alone_with(data, name);
  check(data, name, by);
  const Ledger ledger(ledger_file(data));
  const AnswerKeys keys(asked, evidence.spelled());
  const auto& words = confidences();
  const auto least = static_cast<int8_t>(std::find(words.begin(), words.end(), trust.least_confidence) - words.begin());
  std::vector<GeneRow> rows;
  for (int32_t track = 0; track < tracks.size(); ++track) {
    const auto passes = passes_of(ledger, keys, evidence.of(track), asked.plan);
    if (!passes.empty()) rows.push_back(row_of(track, passes, trust, least));
  }
  Json told{{"made_by", by}, {"model", asked.model}, {"evidence", evidence.spelled()}, {"plan", asked.plan.spelled()}, {"passes", asked.plan.passes}};
  told["rules"] = take_rules(rows, evidence);
  if (!trust.experts.empty()) {
    const GeneTable experts = read_gene_table(data, trust.experts, trust.scale);
    told["experts"] = to_json(experts.report);
    told["agreement"] = take_experts(rows, experts, tracks, trust);
  }
  return save(data, about, rows, tracks.size(), told);
}

GeneSignalReport make_gene_signal(const Path& data, const std::string& name, const GeneTable& table, const Path& file) {
  const SignalAbout about{name, "table", fmt::format("genes of the table {}", hash_text(read_file(file)).substr(0, 16)), gene_count};
  const auto alone = alone_with(data, name);
  check(data, name, "a table");
  std::vector<GeneRow> rows;
  for (const auto& [track, values] : table.tracks) {
    GeneRow row{.track = track, .said = values, .values = values};
    for (size_t gene = 0; gene < gene_count; ++gene) row.standing[gene] = values[gene] ? Standing::table : Standing::not_asked;
    rows.push_back(row);
  }
  return save(data, about, rows, tracks_of(data).size(), {{"made_by", "a table"}, {"table", to_json(table.report)}});
}

}  // namespace segue
