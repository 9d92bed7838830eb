#include "signals/artist_words.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/error.h"
#include "core/source.h"
#include "listening/delimited.h"
#include "listening/names.h"

namespace segue {
namespace {

using Json = nlohmann::json;
constexpr size_t most_words = 8;

std::string joined(std::vector<std::string> words) {
  if (words.size() > most_words) words.resize(most_words);
  return fmt::format("{}", fmt::join(words, ", "));
}

std::vector<std::string> words_of(const Json& value) {
  std::vector<std::string> words;
  if (value.is_array()) {
    for (const auto& word : value) words.push_back(word.get<std::string>());
    return words;
  }
  std::vector<std::pair<double, std::string>> weighed;
  for (const auto& [word, weight] : value.items()) weighed.emplace_back(-weight.get<double>(), word);
  std::sort(weighed.begin(), weighed.end());
  for (auto& [weight, word] : weighed) words.push_back(std::move(word));
  return words;
}

std::string whole(const Path& path) {
  const auto source = Source::open(path);
  if (source->files().size() != 1) throw Error("{}: one file is wanted, not a folder or an archive of several", path.string());
  const auto stream = source->read(source->files().front());
  std::string text;
  for (auto block = stream->next(); !block.empty(); block = stream->next()) text.append(block.begin(), block.end());
  return text;
}

}  // namespace

ArtistWords::ArtistWords(const Path& file) {
  const auto source = Source::open(file);
  const std::string head = source->files().size() == 1 ? source->head(source->files().front(), 64) : std::string();
  if (const size_t first = head.find_first_not_of(" \t\r\n"); first == std::string::npos || head[first] != '{') {
    read_delimited(file, {"artist", "tags"}, [&](const std::vector<std::string>& f) { words_[fold(f[0])] = f[1]; });
    return;
  }
  try {
    const Json all = Json::parse(whole(file));
    for (const auto& [artist, value] : all.items()) words_[fold(artist)] = joined(words_of(value));
  } catch (const Json::exception& bad) {
    throw Error("{}: an object of artists, each with a list of words, is wanted: {}", file.string(), bad.what());
  }
}

std::string ArtistWords::of(std::string_view artist) const {
  const auto found = words_.empty() ? words_.end() : words_.find(fold(artist));
  return found == words_.end() ? std::string() : found->second;
}

std::string names_text(std::string_view artist, std::string_view title, const std::string& words) {
  return words.empty() ? fmt::format("{} by {}", title, artist) : fmt::format("{} by {}: {}", title, artist, words);
}

}  // namespace segue
