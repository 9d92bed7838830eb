#pragma once

#include <utility>

#include "sessions/counts.h"
#include "sessions/prepared.h"
#include "sessions/raw_log.h"

namespace segue {

/// What every protocol has at hand while it goes through its steps: the plays that are left, its rules, and what it
/// makes of them. Plays of listener u are begin(u) … end(u) - 1.
class Preparation {
 public:
  Preparation(RawLog raw, const TrackKeys& keys, const Protocol& protocol)
      : raw_(std::move(raw)), keys_(keys), rules_(protocol.sessions), split_(protocol.split) {
    out_.protocol = protocol;
  }

 protected:
  using Json = nlohmann::ordered_json;

  /// What the report says of a step.
  Json& step(const char* name) { return out_.steps[name]; }
  Json count(const std::vector<int32_t>& session = {}) const { return count_rows(raw_, keys_, session); }
  size_t users() const { return raw_.listeners.size(); }
  size_t begin(size_t u) const { return static_cast<size_t>(raw_.first[u]); }
  size_t end(size_t u) const { return static_cast<size_t>(raw_.first[u + 1]); }
  size_t key(size_t i) const { return static_cast<size_t>(keys_.of(raw_.spelling[i])); }
  std::vector<int64_t> plays_of_keys() const {
    std::vector<int64_t> plays(static_cast<size_t>(keys_.count()));
    for (size_t i = 0; i < raw_.spelling.size(); ++i) ++plays[key(i)];
    return plays;
  }

  RawLog raw_;
  const TrackKeys& keys_;
  const Protocol::Sessions rules_;
  const Protocol::Split split_;
  Prepared out_;
};

}  // namespace segue
