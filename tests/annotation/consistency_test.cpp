#include "annotation/consistency.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace segue {
namespace {

using Some = std::map<std::string, float>;

GeneValues track(const Some& some) {
  GeneValues values;
  for (const auto& [key, value] : some) {
    EXPECT_GE(find_gene(key), 0) << key;
    values[static_cast<size_t>(find_gene(key))] = value;
  }
  return values;
}

/// A rock song: everything known, nothing wrong.
Some song() {
  Some all;
  const float some[] = {0.5f, 1, 2.5f, 0, 3, 1.5f, 2};
  for (size_t i = 0; i < genes().size(); ++i) all[genes()[i].key] = some[i % 7];
  for (const char* key : {"drum_set", "electric_guitar", "synthesizer", "focus_on_lead_vocal", "acoustic_sonority", "vocal_accompaniment"}) all[key] = 2.5f;
  return all;
}

/// What each rule that finds something leaves out: "one_metre: triple_meter odd_meter".
std::set<std::string> found(const Some& some, bool instrumental = false) {
  std::set<std::string> out;
  for (const auto& one : inconsistencies(track(some), instrumental)) {
    std::string text = gene_rules()[static_cast<size_t>(one.rule)].name + ":";
    for (const int64_t gene : one.genes) text += " " + genes()[static_cast<size_t>(gene)].key;
    out.insert(text);
  }
  return out;
}

std::set<std::string> found_in_song(const Some& other, bool instrumental = false) {
  Some all = song();
  for (const auto& [key, value] : other) all[key] = value;
  return found(all, instrumental);
}

Some category(const std::string& key, float value) {
  Some all;
  for (const auto& gene : genes()) {
    if (gene.category == key) all[gene.key] = value;
  }
  return all;
}

using Names = std::set<std::string>;

TEST(GeneRules, FindNothingInASongNorWhereNothingIsKnown) {
  EXPECT_EQ(found(song()), Names());
  EXPECT_EQ(found({}), Names());
  EXPECT_EQ(found({}, true), Names());
}

TEST(GeneRules, AnInstrumentalHasNoVoiceAndNoWords) {
  EXPECT_EQ(found({{"vocal_grittiness", 2}, {"vocal_breathiness", 0.5f}, {"sad_lyrics", 1}, {"focus_on_lyrics", 3}, {"tempo", 3}}, true),
            Names{"instrumental: vocal_grittiness sad_lyrics focus_on_lyrics"});
  EXPECT_EQ(found({{"vocal_grittiness", 2}, {"sad_lyrics", 1}}), Names());
}

TEST(GeneRules, AVoiceThatIsNotThereHasNoColour) {
  const Some silent{{"focus_on_lead_vocal", 0}, {"focus_on_lyrics", 0}};
  EXPECT_EQ(found(silent), Names());
  Some gritty = silent;
  gritty["vocal_grittiness"] = 3;
  gritty["vocal_nasality"] = 0.5f;
  EXPECT_EQ(found(gritty), Names{"voice_of_nobody: vocal_grittiness focus_on_lead_vocal focus_on_lyrics"});
  gritty["focus_on_lyrics"] = 0.5f;
  EXPECT_EQ(found(gritty), Names());
  EXPECT_EQ(found({{"vocal_accompaniment", 0}, {"focus_on_vocal_accompaniment", 4}}), Names{"voices_unheard: vocal_accompaniment focus_on_vocal_accompaniment"});
  EXPECT_EQ(found({{"vocal_accompaniment", 0.5f}, {"focus_on_vocal_accompaniment", 4}}), Names());
}

TEST(GeneRules, MetresDoNotDominateTogether) {
  EXPECT_EQ(found_in_song({{"triple_meter", 5}, {"compound_meter", 5}, {"shuffle_feel", 4}}), Names{"one_metre: triple_meter compound_meter"});
  EXPECT_EQ(found_in_song({{"odd_meter", 3.5f}, {"compound_meter", 3.5f}}), Names{"one_metre: compound_meter odd_meter"});
  EXPECT_EQ(found_in_song({{"odd_meter", 3.5f}, {"compound_meter", 3}}), Names());
  EXPECT_EQ(found_in_song({{"cut_time_feel", 4}, {"triple_meter", 4}}), Names{"two_or_three: cut_time_feel triple_meter"});
  EXPECT_EQ(found_in_song({{"cut_time_feel", 4}, {"compound_meter", 4}}), Names());  // two beats of three
}

TEST(GeneRules, WhatAnInstrumentDoesNeedsTheInstrument) {
  const std::vector<std::array<std::string, 3>> pairs{{"aggressive_drums", "drum_aggressiveness", "drum_set"},
                                                      {"synthetic_drums", "synthetic_drums", "drum_set"},
                                                      {"distortion", "electric_guitar_distortion", "electric_guitar"},
                                                      {"synth_timbre", "synth_timbre", "synthesizer"}};
  for (const auto& [rule, gene, needed] : pairs) {
    const bool before = find_gene(gene) < find_gene(needed);
    EXPECT_EQ(found({{gene, 1}, {needed, 0}}), Names{rule + ": " + (before ? gene : needed) + " " + (before ? needed : gene)});
    EXPECT_EQ(found({{gene, 0.5f}, {needed, 0}}), Names());
    EXPECT_EQ(found({{gene, 5}, {needed, 0.5f}}), Names());
    EXPECT_EQ(found({{gene, 5}}), Names());
  }
}

TEST(GeneRules, TwoThingsAreNotAllThereIs) {
  EXPECT_EQ(found({{"vocal_smoothness", 4.5f}, {"vocal_grittiness", 5}}), Names{"smooth_and_gritty: vocal_smoothness vocal_grittiness"});
  EXPECT_EQ(found({{"vocal_smoothness", 4}, {"vocal_grittiness", 5}}), Names());
  EXPECT_EQ(found({{"sad_lyrics", 5}, {"happy_joyful_lyrics", 4.5f}}), Names{"sad_and_joyful: sad_lyrics happy_joyful_lyrics"});
  EXPECT_EQ(found({{"acoustic_sonority", 5}, {"synthetic_sonority", 5}}), Names{"one_sonority: acoustic_sonority synthetic_sonority"});
  EXPECT_EQ(found({{"acoustic_sonority", 5}, {"synthetic_sonority", 4}}), Names());
}

TEST(GeneRules, SomethingSounds) {
  const Some nothing{{"acoustic_sonority", 0}, {"electric_sonority", 0}, {"synthetic_sonority", 0}};
  EXPECT_EQ(found(nothing), Names{"no_sonority: acoustic_sonority electric_sonority synthetic_sonority"});
  EXPECT_EQ(found({{"acoustic_sonority", 0}, {"electric_sonority", 0}}), Names());
  Some voices = category("instrumentation", 0);  // a choir, and nothing else
  voices.insert(nothing.begin(), nothing.end());
  voices["vocal_accompaniment"] = 5;
  EXPECT_EQ(found(voices), Names());
}

TEST(GeneRules, ACategoryOfEqualValuesWasNotLookedAt) {
  for (const auto& block : gene_categories()) {
    for (const float value : {0.0f, 2.5f}) {
      Some all = song();
      for (const auto& [key, equal] : category(block.key, value)) all[key] = equal;
      const auto names = found(all);
      const bool any = std::any_of(names.begin(), names.end(), [](const auto& text) { return text.starts_with("all_equal"); });
      EXPECT_EQ(any, block.key != "harmony") << block.key << value;
    }
  }
  Some five = category("rhythm", 2.5f);
  for (const char* key : {"tempo", "backbeat", "swing_feel", "shuffle_feel"}) five.erase(key);
  EXPECT_EQ(found(five).size(), 1u);
  five.erase("danceability");
  EXPECT_EQ(found(five), Names());
}

TEST(GeneRules, NothingIsRightWhereTheRestSaysSo) {
  EXPECT_EQ(found(category("lyrics", 0), true), Names());
  EXPECT_EQ(found(category("vocals", 0), true), Names());
  Some wordless = category("lyrics", 0);
  wordless["focus_on_lyrics"] = 0;
  EXPECT_EQ(found(wordless), Names());
  wordless["focus_on_lyrics"] = 3;
  EXPECT_EQ(found(wordless).size(), 1u);
}

TEST(GeneRules, WhatContradictsIsLeftOutAndNothingElse) {
  const GeneValues before = track({{"triple_meter", 5}, {"compound_meter", 5}, {"tempo", 3}});
  GeneValues after = before;
  for (const auto& one : inconsistencies(before, false)) {
    for (const int64_t gene : one.genes) after[static_cast<size_t>(gene)].reset();
  }
  EXPECT_EQ(after, track({{"tempo", 3}}));
  EXPECT_TRUE(inconsistencies(after, false).empty());
}

TEST(GeneRules, HaveNamesAndSentences) {
  std::set<std::string> names;
  for (const auto& rule : gene_rules()) {
    EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
    EXPECT_TRUE(rule.says.ends_with(".")) << rule.says;
    EXPECT_NE(rules_markdown().find("| `" + rule.name + "` | " + rule.says + " |\n"), std::string::npos);
    EXPECT_EQ(rule.says.find('|'), std::string::npos);
  }
}

}  // namespace
}  // namespace segue
