#pragma once

#include <algorithm>
#include <stdexcept>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/source.h"

namespace segue {

/// A text as a stream, in blocks of a chosen size: what an importer reads must not depend on where blocks end.
class MemoryStream : public ByteStream {
 public:
  explicit MemoryStream(std::string text, size_t block = 1 << 20) : text_(std::move(text)), block_(block) {}

  std::span<const char> next() override {
    const size_t size = std::min(block_, text_.size() - place_);
    // A copy of its own size, so that the address sanitizer sees a read past its end or after the next call.
    copy_.assign(text_.begin() + static_cast<std::ptrdiff_t>(place_),
                 text_.begin() + static_cast<std::ptrdiff_t>(place_ + size));
    copy_.shrink_to_fit();
    place_ += size;
    return copy_;
  }

 private:
  std::string text_;
  std::vector<char> copy_;
  size_t block_, place_ = 0;
};

using MemoryFiles = std::map<std::string, std::string>;

/// Files that are only in memory.
class MemorySource : public Source {
 public:
  explicit MemorySource(MemoryFiles files, size_t block = 1 << 20)
      : Source("memory"), texts_(std::move(files)), block_(block) {
    for (const auto& [name, text] : texts_) names_.push_back(name);
  }

  const std::vector<std::string>& files() const override { return names_; }
  std::unique_ptr<ByteStream> read(const std::string& file) const override {
    return std::make_unique<MemoryStream>(texts_.at(file), block_);
  }

 private:
  MemoryFiles texts_;
  std::vector<std::string> names_;
  size_t block_;
};

}  // namespace segue
