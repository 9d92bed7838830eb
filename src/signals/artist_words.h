#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/files.h"

namespace segue {

/// Words that people gave to artists ("doom metal, instrumental"), to be read with the names of their tracks.
class ArtistWords {
 public:
  ArtistWords() = default;
  /// A JSON object (plain or gzip) of artists, each with a list of words or an object of words and weights; or a table with
  /// the columns artist and tags. Throws Error on anything else. Artists are compared by their fold().
  explicit ArtistWords(const Path& file);

  /// The first so many, heaviest first where they have weights, with commas between; empty where none are known.
  std::string of(std::string_view artist) const;
  size_t size() const { return words_.size(); }

 private:
  std::map<std::string, std::string, std::less<>> words_;
};

/// "TITLE by ARTIST", and ": WORDS" behind it where there are some.
std::string names_text(std::string_view artist, std::string_view title, const std::string& words);

}  // namespace segue
