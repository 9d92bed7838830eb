#include "cli/why_words.h"

#include <fmt/format.h>

#include <map>

#include "core/console.h"
#include "sessions/counts.h"

namespace segue {
namespace {

using PartKind = RankerPart::Kind;
constexpr size_t most_causes = 3;

const char* kind_of(const Cause& cause) {
  if (cause.play >= 0) return "play";
  switch (cause.part.kind) {
    case PartKind::counter: return "counter";
    case PartKind::model: return "model";
    case PartKind::signal: return "signal";
    case PartKind::id: return "id";
  }
  return "";
}

/// What a counter goes by.
std::string words_of_counter(const std::string& name) {
  static const std::map<std::string, const char*> words{
      {"repeat-hours", "you played it not long ago"},
      {"repeat-plays", "you played it a few plays ago, or often"},
      {"markov", "it comes after the last track in listening like yours"},
      {"item-knn", "it is heard beside what you played last"},
      {"v-sknn", "sessions like this one have it"},
      {"follow", "it followed the last track when you heard that before"},
      {"stan", "sessions like this one, of about this time, have it"},
      {"echo", "it stood here when you heard these tracks before"},
      {"surroundings", "you heard it near these tracks before"},
      {"last play", "it is what you played last"},
      {"last 3", "it is among your last 3 plays"},
      {"last 10", "it is among your last 10 plays"},
      {"last 50", "it is among your last 50 plays"},
      {"plays", "many play it"},
  };
  const auto found = words.find(name);
  return found == words.end() ? "of " + name : found->second;
}

std::string words_of(const Cause& cause, const Log& log, const Tracks& tracks) {
  if (cause.play >= 0) {
    const auto t = static_cast<size_t>(log.track[static_cast<size_t>(cause.play)]);
    return fmt::format("you played '{}' by {}", printable(tracks.title[t]), printable(tracks.artist[t]));
  }
  switch (cause.part.kind) {
    case PartKind::counter: return fmt::format("{} ({})", words_of_counter(cause.part.name), cause.part.name);
    case PartKind::model: return "of the order of what you played (the model)";
    case PartKind::signal: return fmt::format("of what '{}' says of it and of what you played", printable(cause.part.name));
    case PartKind::id: return "of who else plays it (ids)";
  }
  return {};
}

}  // namespace

nlohmann::ordered_json why_json(const Recommended& one, const Log& log, const Tracks& tracks) {
  auto all = nlohmann::ordered_json::array();
  for (const Cause& cause : one.why) {
    nlohmann::ordered_json row{{"kind", kind_of(cause)}};
    if (cause.play >= 0) {
      const auto i = static_cast<size_t>(cause.play), t = static_cast<size_t>(log.track[i]);
      row["track"] = log.track[i];
      row["artist"] = tracks.artist[t];
      row["title"] = tracks.title[t];
      row["played"] = iso(log.start_ms[i]);
    } else if (!cause.part.name.empty()) {
      row["name"] = cause.part.name;
    }
    row["score"] = cause.score;
    row["rank"] = cause.rank;
    all.push_back(std::move(row));
  }
  return {{"rank", one.rank}, {"without", std::move(all)}};
}

std::string why_text(const Recommended& one, const Log& log, const Tracks& tracks) {
  std::string out;
  size_t told = 0;
  for (const Cause& cause : one.why) {
    if (cause.rank <= one.rank || told == most_causes) break;
    out += fmt::format("{}{} [{} → {}]", told++ == 0 ? "because " : "; ", words_of(cause, log, tracks), one.rank, cause.rank);
  }
  return told > 0 ? out : "for many reasons: without any one of them it would stand as high";
}

}  // namespace segue
