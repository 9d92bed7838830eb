#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace segue {

/// What SentencePiece writes for characters and short runs of them (its `precompiled_charsmap`): a trie in a double array
/// (Darts; Aoe, 1989), and the texts that its leaves point at.
class CharactersMap {
 public:
  /// Throws Error where it is damaged; `where` is the file.
  CharactersMap(std::string_view bytes, const std::string& where);

  /// As Hugging Face's `tokenizers` use it: a cluster of characters of less than 6 bytes is written anew as a whole, by the
  /// shortest entry that it begins with; else each character by itself.
  std::string normalised(std::string_view text) const;

 private:
  /// Null where nothing is known about it.
  const char* found(std::string_view piece) const;

  std::vector<uint32_t> units_;
  std::string texts_;  // each ends with a zero
};

/// The bytes behind base64. Throws Error on other letters; `where` is the file.
std::string from_base64(std::string_view text, const std::string& where);

}  // namespace segue
