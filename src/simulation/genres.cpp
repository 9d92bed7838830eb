#include "simulation/genres.h"

namespace segue::simulation {

std::span<const Genre> genres() {
  static const std::vector<Genre> table = {
      {"ambient", 60, 110, 0.10, 0.02,
       {"mist", "tide", "breath", "hollow", "glacier", "drift", "horizon", "pale", "silence", "moss", "dusk"}},
      {"folk", 96, 196, 0.25, 0.03,
       {"field", "harvest", "lantern", "barley", "father", "willow", "cabin", "orchard", "fiddle", "valley", "hearth"}},
      {"jazz", 120, 147, 0.40, 0.05,
       {"midnight", "velvet", "avenue", "smoke", "saxophone", "martini", "corner", "blue", "lullaby", "satin", "taxi"}},
      {"classical", 76, 262, 0.30, 0.01,
       {"gloria", "angel", "garden", "grace", "swan", "spring", "crown", "chapel", "nightingale", "lily", "requiem"}},
      {"hiphop", 90, 65, 0.35, 0.25,
       {"block", "hustle", "money", "mic", "crew", "street", "rhyme", "respect", "chain", "corner", "boss", "cash"}},
      {"electronic", 128, 131, 0.70, 0.12,
       {"signal", "machine", "neon", "pulse", "circuit", "laser", "system", "future", "orbit", "static", "strobe"}},
      {"metal", 170, 82, 0.90, 0.45,
       {"blood", "iron", "throne", "wrath", "skull", "inferno", "hammer", "grave", "raven", "doom", "blade"}},
      {"pop", 110, 330, 0.55, 0.08,
       {"baby", "summer", "kiss", "tonight", "party", "crazy", "sugar", "phone", "weekend", "mirror", "radio"}},
  };
  return table;
}

std::span<const std::vector<std::string_view>> topics() {
  static const std::vector<std::vector<std::string_view>> table = {
      {"love", "heart", "touch", "darling", "promise", "forever"},
      {"goodbye", "tears", "lonely", "empty", "broken", "leaving"},
      {"road", "train", "highway", "border", "distance", "wheels"},
      {"home", "mother", "kitchen", "window", "supper", "brother"},
      {"war", "soldier", "freedom", "justice", "nation", "flag"},
      {"dream", "mirage", "labyrinth", "echo", "riddle", "shadow"},
      {"dance", "floor", "rhythm", "moving", "sweat", "jump"},
      {"ocean", "rain", "river", "winter", "mountain", "stars"},
  };
  return table;
}

std::span<const std::string_view> common_words() {
  static const std::vector<std::string_view> table = {
      "the", "a", "and", "i", "you", "we", "my", "your", "in", "on", "of", "to", "with", "when", "now", "never",
      "is", "was", "all", "are", "so", "but", "for", "it", "me", "no", "oh", "down", "up", "away", "time", "day"};
  return table;
}

}  // namespace segue::simulation
