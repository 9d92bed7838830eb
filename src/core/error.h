#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace segue {

/// Something that the person running the program can mend: the text says where, what came and what would work.
/// Caught once, in main.
class Error : public std::runtime_error {
 public:
  template <class... Args>
  explicit Error(fmt::format_string<Args...> text, Args&&... args)
      : std::runtime_error(fmt::format(text, std::forward<Args>(args)...)) {}
};

}  // namespace segue
