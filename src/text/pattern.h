#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace segue {

/// A regular expression over valid UTF-8, as the files of tokenizers write them: classes such as \s and \p{L} are Unicode's.
class Pattern {
 public:
  /// Throws Error where the expression is not understood; `where` is the file that holds it.
  Pattern(const std::string& expression, const std::string& where);
  /// Matches one text letter by letter.
  static Pattern literal(const std::string& text);

  /// Where it matches, from left to right: begin and end of each. Throws Error on a text that takes it too many steps.
  std::vector<std::pair<size_t, size_t>> matches(std::string_view text) const;

 private:
  struct Code;
  std::shared_ptr<const Code> code_;
};

/// {"String": …} or {"Regex": …}, as a tokenizer.json has it. `where` is the file.
Pattern pattern_of(const nlohmann::json& spec, const std::string& where);

}  // namespace segue
