#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>

namespace segue {

/// Numbers that start on a cache line, without a value at first. Large arrays ask for huge pages: a pass over them
/// then waits for memory only, not for page tables.
template <class T>
class AlignedArray {
 public:
  AlignedArray() = default;
  explicit AlignedArray(size_t size) : size_(size) {
    constexpr size_t line = 64, huge_page = size_t{1} << 21;
    const size_t boundary = size * sizeof(T) < huge_page ? line : huge_page;
    const size_t bytes = (size * sizeof(T) + boundary - 1) / boundary * boundary;
    if (size > 0) data_.reset(static_cast<T*>(std::aligned_alloc(boundary, bytes)));
    if (size > 0 && !data_) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
    if (boundary == huge_page) ::madvise(data_.get(), bytes, MADV_HUGEPAGE);  // advice: failing costs time only
#endif
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  size_t size() const { return size_; }
  std::span<T> all() { return {data_.get(), size_}; }
  std::span<const T> all() const { return {data_.get(), size_}; }

 private:
  struct Free {
    void operator()(T* data) const { std::free(data); }
  };
  std::unique_ptr<T[], Free> data_;
  size_t size_ = 0;
};

}  // namespace segue
