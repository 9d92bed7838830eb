#include "simulation/lyrics.h"

#include <fmt/format.h>

#include "simulation/genres.h"

namespace segue::simulation {
namespace {

std::string stamp(int64_t at_ms) {
  return fmt::format("[{:02}:{:02}.{:02}]", at_ms / 60000, at_ms / 1000 % 60, at_ms / 10 % 100);
}

std::string line_of(const Track& track, Random& random) {
  const auto& own = genres()[track.genre].words;
  const auto& topic = topics()[topic_of(track)];
  const auto common = common_words();
  std::string line;
  const uint64_t count = 4 + random.below(4);
  for (uint64_t i = 0; i < count; ++i) {
    const double kind = random.uniform();
    if (i > 0) line += ' ';
    if (kind < 0.4) line += own[random.below(own.size())];
    else if (kind < 0.6) line += topic[random.below(topic.size())];
    else line += common[random.below(common.size())];
  }
  line[0] = static_cast<char>(line[0] - 'a' + 'A');
  return line;
}

}  // namespace

Words words_of(Random& random) {
  const double kind = random.uniform();
  return kind < 0.6 ? Words::sung : kind < 0.725 ? Words::instrumental : Words::unknown;
}

size_t topic_of(const Track& track) {
  int strongest = words_block;
  for (int i = words_block; i < latent_size; ++i) {
    if (std::abs(track.latent[i]) > std::abs(track.latent[strongest])) strongest = i;
  }
  return 2 * static_cast<size_t>(strongest - words_block) + (track.latent[strongest] < 0.0f ? 1 : 0);
}

std::string lrc(const Track& track, const Tags& tags, Words words, Random random) {
  std::string text = fmt::format("[ar:{}]\n[al:{}]\n[ti:{}]\n[length:{:02}:{:02}]\n", tags.artist, tags.album, tags.title,
                                 track.length_ms / 60000, track.length_ms / 1000 % 60);
  if (words != Words::sung) return text + "[au: instrumental]\n";
  std::vector<std::string> chorus, lines;
  for (int i = 0; i < 3; ++i) chorus.push_back(line_of(track, random));
  for (int verse = 0; verse < 3; ++verse) {
    for (int i = 0; i < 4; ++i) lines.push_back(line_of(track, random));
    lines.insert(lines.end(), chorus.begin(), chorus.end());
  }
  const int64_t step_ms = (track.length_ms - 15000) / static_cast<int64_t>(lines.size());
  int64_t at_ms = 8000;
  for (const std::string& line : lines) {
    text += stamp(at_ms) + line + "\n";
    at_ms += step_ms;
  }
  return text;
}

}  // namespace segue::simulation
