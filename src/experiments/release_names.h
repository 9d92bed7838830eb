#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/files.h"
#include "core/table.h"

namespace segue {

/// Numbers instead of texts: equal texts have one number, in the order of their bytes, and empty ones stay empty.
class TextNumbers {
 public:
  TextNumbers(std::string word, const std::vector<const Texts*>& columns);
  /// "artist-0012". Throws std::out_of_range where no column has the text.
  std::string of(std::string_view text) const;
  Texts of(const Texts& column) const;
  bool has(std::string_view text) const { return numbers_.contains(std::string(text)); }

 private:
  std::string word_;
  size_t digits_ = 0;
  std::unordered_map<std::string, int64_t> numbers_;
};

/// spellings, tracks and, where there are any, lengths of a data folder with numbers for all names and ids, written into `stage`.
void release_without_names(const Path& data, const Path& stage);

}  // namespace segue
