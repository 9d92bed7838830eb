#include "annotation/genes.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <map>

namespace segue {
namespace {

struct Row {
  const char* name;
  const char* low;
  const char* high;
};

struct Block {
  const char* key;
  const char* name;
  const char* about;
  std::vector<Row> rows;
};

const std::vector<Block>& blocks() {
  static const std::vector<Block> all{
      {"vocals", "Vocals", "the voice in front; unknown where nobody sings",
       {{"Vocal Register", "sings very low for this kind of voice", "sings very high for this kind of voice; 2.5 is its ordinary height"},
        {"Vocal Timbre Thin to Full", "a thin, slender voice", "a full, resonant voice"},
        {"Vocal Breathiness", "no breath to be heard in the tone", "almost whispered"},
        {"Vocal Smoothness", "the lines are rough or broken", "the lines are silky and even throughout"},
        {"Vocal Grittiness", "a clean tone", "raspy, growling or screaming"},
        {"Vocal Nasality", "no nasal colour", "strongly nasal"},
        {"Vocal Accompaniment", "no other voices", "backing voices or choir are as prominent as the lead"}}},
      {"harmony", "Harmony", "chords and keys",
       {{"Minor / Major Key Tonality", "plainly minor", "plainly major; 2.5 is ambiguous, modal or changing"},
        {"Harmonic Sophistication", "two or three plain chords", "chromatic and far from its key; 2.5 borrows now and then"}}},
      {"rhythm", "Rhythm", "time, metre and feel",
       {{"Tempo", "very slow, below 60 beats a minute", "very fast, above 180; 2.5 is about 115. By the beat, not by how busy it feels"},
        {"Cut Time Feel", "no feeling of two in a bar", "two in a bar throughout"},
        {"Triple Meter", "no 3/4", "3/4 throughout"},
        {"Compound Meter", "no 6/8 or 12/8", "6/8 or 12/8 throughout"},
        {"Odd Meter", "no 5, 7 or changing metres", "odd metres throughout"},
        {"Swing Feel", "straight", "swings strongly, as in jazz"},
        {"Shuffle Feel", "straight", "shuffles throughout, as in blues"},
        {"Syncopation Low to High", "accents fall on the beat", "accents fall off the beat nearly always"},
        {"Backbeat", "no accent on two and four", "a heavy accent on two and four throughout"},
        {"Danceability", "nobody could dance to it", "made for dancing"}}},
      {"instrumentation", "Instrumentation", "how present each instrument is: 0 is not heard, 5 dominates",
       {{"Drum Set", "no drums", "drums dominate"},
        {"Drum Aggressiveness", "brushes, or no drums", "pounding, as in metal"},
        {"Synthetic Drums", "none", "all drums are electronic and dominate"},
        {"Percussion", "no hand percussion", "hand percussion dominates"},
        {"Electric Guitar", "none", "dominates"},
        {"Electric Guitar Distortion", "clean, or no electric guitar", "extreme distortion"},
        {"Acoustic Guitar", "none", "dominates"},
        {"String Ensemble", "none", "bowed strings dominate"},
        {"Horn Ensemble", "none", "brass dominates"},
        {"Piano", "none", "dominates"},
        {"Organ", "none", "dominates"},
        {"Rhodes", "no electric piano", "electric piano dominates"},
        {"Synthesizer", "none", "dominates"},
        {"Synth Timbre", "soft and ambient, or no synthesizer", "harsh and industrial"},
        {"Bass Guitar", "none", "leads the track"},
        {"Reed Instrument", "none", "saxophone, clarinet or another reed dominates"}}},
      {"lyrics", "Lyrics", "what the words say; unknown where there are none",
       {{"Angry Lyrics", "no anger", "anger is all they say"},
        {"Sad Lyrics", "no sadness", "sadness is all they say"},
        {"Happy/Joyful Lyrics", "no joy", "joy is all they say"},
        {"Humorous Lyrics", "serious", "a joke from beginning to end"},
        {"Love/Romance Lyrics", "not about love", "about nothing but love"},
        {"Social/Political Lyrics", "private", "a statement on society or politics"},
        {"Abstract Lyrics", "plain and literal", "images whose meaning is open"},
        {"Explicit Lyrics", "fit for everybody", "explicit words and themes for adults throughout"}}},
      {"sonority", "Sonority", "how the recording sounds",
       {{"Live Recording", "made in a studio", "plainly a concert, with its audience"},
        {"Audio Production", "poorly recorded", "a masterpiece of sound; 2.5 is ordinary commercial work"},
        {"Aural Intensity", "soft and gentle", "harsh and overwhelming"},
        {"Acoustic Sonority", "no acoustic instruments", "acoustic instruments only"},
        {"Electric Sonority", "no amplified instruments", "amplified instruments dominate"},
        {"Synthetic Sonority", "no synthetic sound", "synthetic sound only"}}},
      {"composition", "Composition", "what a listener's attention goes to: 0 is not to it, 5 is to nothing else",
       {{"Focus on Lead Vocal", "no lead voice", "the lead voice is what it is about"},
        {"Focus on Lyrics", "no words, or they hardly matter", "the words are what it is about"},
        {"Focus on Melody", "hardly a melody", "the melody is what it is about"},
        {"Focus on Vocal Accompaniment", "no backing voices", "the voices behind are what it is about"},
        {"Focus on Rhythmic Groove", "no groove", "the groove is what it is about"},
        {"Focus on Musical Arrangements", "a bare arrangement", "the arrangement is what it is about"},
        {"Focus on Form", "one idea repeated", "how it is built and unfolds is what it is about"},
        {"Focus on Riffs", "no riffs", "a riff is what it is about"},
        {"Focus on Performance", "playing serves the song", "virtuosity is what it is about"}}},
  };
  return all;
}

/// Lower-case letters and digits, "_" for what is between.
std::string key_of(std::string_view name) {
  std::string key;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) key += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!key.empty() && key.back() != '_') key += '_';
  }
  while (!key.empty() && key.back() == '_') key.pop_back();
  return key;
}

}  // namespace

const std::vector<Gene>& genes() {
  static const std::vector<Gene> all = [] {
    std::vector<Gene> made;
    for (const auto& block : blocks()) {
      for (const auto& row : block.rows) made.push_back({key_of(row.name), row.name, block.key, row.low, row.high});
    }
    return made;
  }();
  return all;
}

const std::vector<GeneCategory>& gene_categories() {
  static const std::vector<GeneCategory> all = [] {
    std::vector<GeneCategory> made;
    int64_t begin = 0;
    for (const auto& block : blocks()) {
      const auto end = begin + std::ssize(block.rows);
      made.push_back({block.key, block.name, block.about, begin, end});
      begin = end;
    }
    return made;
  }();
  return all;
}

int64_t find_gene(std::string_view name) {
  static const std::map<std::string, int64_t> places = [] {
    std::map<std::string, int64_t> made;
    for (int64_t i = 0; i < std::ssize(genes()); ++i) made[genes()[static_cast<size_t>(i)].key] = i;
    return made;
  }();
  const auto found = places.find(key_of(name));
  return found == places.end() ? -1 : found->second;
}

const std::vector<std::string>& confidences() {
  static const std::vector<std::string> all{"none", "low", "medium", "high"};
  return all;
}

std::string genes_markdown() {
  std::string text;
  for (const auto& category : gene_categories()) {
    text += fmt::format("{}### {}\n\n{}.\n\n| | gene | key | 0 | 5 |\n| --: | --- | --- | --- | --- |\n", text.empty() ? "" : "\n", category.name, category.about);
    for (int64_t i = category.begin; i < category.end; ++i) {
      const Gene& gene = genes()[static_cast<size_t>(i)];
      text += fmt::format("| {} | {} | `{}` | {} | {} |\n", i, gene.name, gene.key, gene.low, gene.high);
    }
  }
  return text;
}

}  // namespace segue
