#include "annotation/consistency.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace segue {
namespace {

using Genes = std::vector<int64_t>;

constexpr float hardly = 0.25f, little = 0.5f, strong = 3.5f, full = 4.5f;
constexpr int64_t enough_equal = 6;  // known genes of a category before their being equal says something

int64_t at(const char* key) {
  const int64_t gene = find_gene(key);
  if (gene < 0) throw std::invalid_argument(fmt::format("gene_rules: no gene '{}'", key));
  return gene;
}

Genes at(std::initializer_list<const char*> keys) {
  Genes found;
  for (const char* key : keys) found.push_back(at(key));
  return found;
}

const GeneCategory& category(const std::string& key) {
  const auto& all = gene_categories();
  return *std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.key == key; });
}

const std::optional<float>& of(const GeneValues& values, int64_t gene) { return values[static_cast<size_t>(gene)]; }
bool absent(const GeneValues& values, int64_t gene) { return of(values, gene) && *of(values, gene) < hardly; }
bool present(const GeneValues& values, int64_t gene) { return of(values, gene) && *of(values, gene) > little; }

bool all_absent(const GeneValues& values, const Genes& genes) {
  return std::all_of(genes.begin(), genes.end(), [&](int64_t gene) { return absent(values, gene); });
}

/// Those of some genes that are at least so strong.
Genes at_least(const GeneValues& values, const Genes& genes, float least) {
  Genes found;
  for (const int64_t gene : genes) {
    if (of(values, gene) && *of(values, gene) >= least) found.push_back(gene);
  }
  return found;
}

Genes present_of(const GeneValues& values, const Genes& genes) {
  Genes found;
  std::copy_if(genes.begin(), genes.end(), std::back_inserter(found), [&](int64_t gene) { return present(values, gene); });
  return found;
}

Genes genes_of(const std::string& key) {
  Genes all;
  for (int64_t gene = category(key).begin; gene < category(key).end; ++gene) all.push_back(gene);
  return all;
}

/// At most one of some genes is so strong.
GeneRule at_most_one(std::string name, std::string says, std::initializer_list<const char*> keys, float least) {
  return {std::move(name), std::move(says), [genes = at(keys), least](const GeneValues& values, bool) {
            const Genes found = at_least(values, genes, least);
            return found.size() > 1 ? found : Genes();
          }};
}

/// One gene is nothing where another is.
GeneRule needs(std::string name, std::string says, const char* gene, const char* needed) {
  return {std::move(name), std::move(says), [gene = at(gene), needed = at(needed)](const GeneValues& values, bool) {
            return present(values, gene) && absent(values, needed) ? Genes{std::min(gene, needed), std::max(gene, needed)} : Genes();
          }};
}

/// Voices and nothing else, which is a way to make music.
bool unaccompanied(const GeneValues& values) {
  static const Genes voices = at({"focus_on_lead_vocal", "vocal_accompaniment", "focus_on_vocal_accompaniment"});
  static const Genes sonorities = at({"acoustic_sonority", "electric_sonority", "synthetic_sonority"});
  return !at_least(values, voices, strong).empty() && all_absent(values, genes_of("instrumentation")) && present_of(values, sonorities).empty();
}

/// Nothing in a whole category is right here.
bool may_be_nothing(const std::string& key, const GeneValues& values, bool instrumental) {
  static const int64_t lead = at("focus_on_lead_vocal"), words = at("focus_on_lyrics");
  if (key == "vocals") return instrumental || absent(values, lead);
  if (key == "lyrics") return instrumental || absent(values, words);
  return key == "instrumentation" && unaccompanied(values);
}

Genes all_equal(const GeneValues& values, bool instrumental) {
  Genes found;
  for (const auto& category : gene_categories()) {
    Genes known;
    for (int64_t gene = category.begin; gene < category.end; ++gene) {
      if (of(values, gene)) known.push_back(gene);
    }
    if (std::ssize(known) < enough_equal) continue;
    const float first = *of(values, known.front());
    const bool equal = std::all_of(known.begin(), known.end(), [&](int64_t gene) { return *of(values, gene) == first; });
    if (!equal || (first == 0 && may_be_nothing(category.key, values, instrumental))) continue;
    found.insert(found.end(), known.begin(), known.end());
  }
  return found;
}

Genes sung_by_nobody(const GeneValues& values, bool instrumental) {
  if (!instrumental) return {};
  Genes sung = genes_of("vocals");
  for (const int64_t gene : genes_of("lyrics")) sung.push_back(gene);
  for (const int64_t gene : at({"focus_on_lead_vocal", "focus_on_lyrics", "focus_on_vocal_accompaniment"})) sung.push_back(gene);
  return present_of(values, sung);
}

Genes voice_of_nobody(const GeneValues& values, bool) {
  static const Genes focus = at({"focus_on_lead_vocal", "focus_on_lyrics"});
  static const Genes qualities = at({"vocal_breathiness", "vocal_smoothness", "vocal_grittiness", "vocal_nasality"});
  if (!all_absent(values, focus)) return {};
  Genes found = present_of(values, qualities);
  if (!found.empty()) found.insert(found.end(), focus.begin(), focus.end());
  return found;
}

Genes voices_unheard(const GeneValues& values, bool) {
  static const int64_t heard = at("vocal_accompaniment"), focus = at("focus_on_vocal_accompaniment");
  const bool contradicts = absent(values, heard) && !at_least(values, {focus}, strong).empty();
  return contradicts ? Genes{heard, focus} : Genes();
}

Genes no_sonority(const GeneValues& values, bool) {
  static const Genes sonorities = at({"acoustic_sonority", "electric_sonority", "synthetic_sonority"});
  return all_absent(values, sonorities) && !unaccompanied(values) ? sonorities : Genes();
}

}  // namespace

const std::vector<GeneRule>& gene_rules() {
  static const std::vector<GeneRule> all{
      {"instrumental", "Where nobody sings there is no voice, no lyrics and no attention to them: none of these genes is above 0.5.", sung_by_nobody},
      {"voice_of_nobody", "Where neither a lead voice nor words are heard (both 0), a voice is not breathy, smooth, gritty or nasal.", voice_of_nobody},
      {"voices_unheard", "Backing voices that are not there (0) are not what a track is about (3.5 or more).", voices_unheard},
      at_most_one("smooth_and_gritty", "A voice is not silky throughout and growling as well (both 4.5 or more).", {"vocal_smoothness", "vocal_grittiness"}, full),
      at_most_one("one_metre", "Of triple, compound and odd metres one dominates at most (3.5 or more).", {"triple_meter", "compound_meter", "odd_meter"}, strong),
      at_most_one("two_or_three", "A bar has not two beats and three (cut time and triple metre both 3.5 or more).", {"cut_time_feel", "triple_meter"}, strong),
      needs("aggressive_drums", "Drums that are not there (0) are not aggressive.", "drum_aggressiveness", "drum_set"),
      needs("synthetic_drums", "Synthetic drums are drums: where there are none (0) they are none.", "synthetic_drums", "drum_set"),
      needs("distortion", "An electric guitar that is not there (0) is not distorted.", "electric_guitar_distortion", "electric_guitar"),
      needs("synth_timbre", "A synthesizer that is not there (0) does not sound harsh.", "synth_timbre", "synthesizer"),
      at_most_one("sad_and_joyful", "Words don't say nothing but sadness and nothing but joy (both 4.5 or more).", {"sad_lyrics", "happy_joyful_lyrics"}, full),
      {"no_sonority", "A recording is acoustic, electric or synthetic at least a little, unless there are only voices.", no_sonority},
      at_most_one("one_sonority", "Of acoustic, electric and synthetic sound one is all there is at most (4.5 or more).", {"acoustic_sonority", "electric_sonority", "synthetic_sonority"}, full),
      {"all_equal", "A category of which six genes or more are known and all are equal was not looked at; only a voice, words and instruments may all be absent where the rest says so.", all_equal},
  };
  return all;
}

std::vector<Inconsistency> inconsistencies(const GeneValues& values, bool instrumental) {
  std::vector<Inconsistency> found;
  for (size_t i = 0; i < gene_rules().size(); ++i) {
    Genes genes = gene_rules()[i].contradicting(values, instrumental);
    if (!genes.empty()) found.push_back({static_cast<int64_t>(i), std::move(genes)});
  }
  return found;
}

std::string rules_markdown() {
  std::string text = "| rule | what holds |\n| --- | --- |\n";
  for (const auto& rule : gene_rules()) text += fmt::format("| `{}` | {} |\n", rule.name, rule.says);
  return text;
}

}  // namespace segue
