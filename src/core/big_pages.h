#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

namespace segue {

/// For tables that are asked all over: asks for pages of two megabytes where there are any, since most of the time of
/// such a question goes into finding the page.
template <class T>
struct BigPages {
  using value_type = T;
  BigPages() = default;
  template <class U>
  BigPages(const BigPages<U>&) {}  // NOLINT: allocators convert

  T* allocate(size_t n) {
    constexpr size_t page = 1 << 21;
    const size_t bytes = n * sizeof(T);
    if (bytes < page) return std::allocator<T>().allocate(n);
    void* room = std::aligned_alloc(page, (bytes + page - 1) / page * page);
    if (room == nullptr) throw std::bad_alloc();
    ::madvise(room, bytes, MADV_HUGEPAGE);  // a wish: where it is refused, all works as before
    return static_cast<T*>(room);
  }
  void deallocate(T* room, size_t n) {
    if (n * sizeof(T) < (1 << 21)) std::allocator<T>().deallocate(room, n);
    else std::free(room);
  }
  bool operator==(const BigPages&) const = default;
};

}  // namespace segue
