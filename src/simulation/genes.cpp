#include "simulation/genes.h"

#include <algorithm>

namespace segue::simulation {
namespace {

constexpr int first_of_lyrics = 35, first_of_sonority = 43, first_of_composition = 49;
constexpr double track_missing = 0.3, gene_missing = 0.1;
constexpr double steepness = 2.5, noise = 0.25;

/// Which numbers of the latent a gene sees: [from, until).
struct Span {
  int from, until;
};
Span sees(int gene) {
  if (gene >= first_of_composition) return {sound_block, latent_size};
  if (gene >= first_of_lyrics && gene < first_of_sonority) return {words_block, latent_size};
  return {sound_block, words_block};
}

const std::vector<Latent>& directions() {
  static const std::vector<Latent> all = [] {
    std::vector<Latent> made;
    for (int gene = 0; gene < genes; ++gene) {
      Random random = random_of(0, Stream::gene_directions, gene);
      Latent direction = any_direction(random);
      const Span span = sees(gene);
      for (int i = 0; i < latent_size; ++i) {
        if (i < span.from || i >= span.until) direction[i] = 0.0f;
      }
      made.push_back(unit(direction));
    }
    return made;
  }();
  return all;
}

}  // namespace

const std::vector<std::string>& gene_names() {
  static const std::vector<std::string> names = {
      "vocal_register", "vocal_timbre_thin_to_full", "vocal_breathiness", "vocal_smoothness", "vocal_grittiness",
      "vocal_nasality", "vocal_accompaniment", "minor_major_key_tonality", "harmonic_sophistication", "tempo",
      "cut_time_feel", "triple_meter", "compound_meter", "odd_meter", "swing_feel", "shuffle_feel",
      "syncopation_low_to_high", "backbeat", "danceability", "drum_set", "drum_aggressiveness", "synthetic_drums",
      "percussion", "electric_guitar", "electric_guitar_distortion", "acoustic_guitar", "string_ensemble",
      "horn_ensemble", "piano", "organ", "rhodes", "synthesizer", "synth_timbre", "bass_guitar", "reed_instrument",
      "angry_lyrics", "sad_lyrics", "happy_joyful_lyrics", "humorous_lyrics", "love_romance_lyrics",
      "social_political_lyrics", "abstract_lyrics", "explicit_lyrics", "live_recording", "audio_production",
      "aural_intensity", "acoustic_sonority", "electric_sonority", "synthetic_sonority", "focus_on_lead_vocal",
      "focus_on_lyrics", "focus_on_melody", "focus_on_vocal_accompaniment", "focus_on_rhythmic_groove",
      "focus_on_musical_arrangements", "focus_on_form", "focus_on_riffs", "focus_on_performance"};
  return names;
}

std::vector<std::optional<int>> genes_of(const Track& track, Random random) {
  std::vector<std::optional<int>> values(genes);
  if (random.uniform() < track_missing) return values;
  for (int gene = 0; gene < genes; ++gene) {
    const double x = steepness * dot(track.latent, directions()[gene]) + noise * bell(random);
    const double value = 0.5 + 0.5 * x / (1.0 + std::abs(x));
    if (random.uniform() < gene_missing) continue;
    values[gene] = std::clamp(static_cast<int>(value * 20.0 + 0.5), 0, 20);
  }
  return values;
}

}  // namespace segue::simulation
