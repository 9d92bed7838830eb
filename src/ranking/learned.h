#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ranking/ranker.h"

namespace segue {

/// [N] plays of each track that the lesson learns from.
std::vector<int64_t> learned_plays(const Lesson& lesson);

/// Lists of values by key, in one piece of memory: list k is values[first[k]] … values[first[k + 1] - 1].
template <class Value>
struct Lists {
  std::vector<int64_t> first;
  std::vector<Value> values;

  /// Lists for keys 0 … keys - 1 from visit(add), which calls add(key, value) in the same order each of the two times
  /// it is called; a list keeps that order.
  template <class Visit>
  static Lists of(int64_t keys, const Visit& visit) {
    Lists lists;
    lists.first.assign(static_cast<size_t>(keys) + 1, 0);
    visit([&](int32_t key, const Value&) { ++lists.first[static_cast<size_t>(key) + 1]; });
    for (size_t k = 1; k < lists.first.size(); ++k) lists.first[k] += lists.first[k - 1];
    lists.values.resize(static_cast<size_t>(lists.first.back()));
    auto next = lists.first;
    visit([&](int32_t key, const Value& value) {
      lists.values[static_cast<size_t>(next[static_cast<size_t>(key)]++)] = value;
    });
    return lists;
  }

  std::span<const Value> operator[](int32_t key) const {
    const auto k = static_cast<size_t>(key);
    return std::span(values).subspan(static_cast<size_t>(first[k]), static_cast<size_t>(first[k + 1] - first[k]));
  }
};

/// Calls visit(listener, begin, end) for every listener: his plays are log numbers begin … end - 1.
template <class Visit>
void for_each_listener(const Log& log, const Visit& visit) {
  for (size_t u = 0; u + 1 < log.first.size(); ++u) visit(static_cast<int32_t>(u), log.first[u], log.first[u + 1]);
}

}  // namespace segue
