#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "annotation/annotate.h"
#include "core/console.h"
#include "signals/track_index.h"

namespace segue {

/// All that asking needs to know of a data folder: what is to be asked, in which requests, and what is answered already.
class Wanted {
 public:
  /// options outlive this. Throws Error where there are no tracks, and what Evidence and Ledger throw.
  Wanted(const Path& data, const AnnotateOptions& options);

  struct Kind {
    int64_t part, pass;
  };
  const std::vector<int32_t>& order() const { return order_; }
  const std::vector<Kind>& kinds() const { return kinds_; }
  Ledger& ledger() { return ledger_; }
  nlohmann::ordered_json known(int32_t track) const { return evidence_.of(track); }
  std::string key(const nlohmann::ordered_json& known, const Kind& kind) const { return keys_.of(known, kind.part, kind.pass); }
  std::string name(int32_t track) const { return printable(name_of(tracks_, track)); }

  /// The requests of one kind for some tracks, as they would be sent: tracks that lack an answer, so many in one.
  struct Group {
    std::vector<int32_t> tracks;
    std::vector<nlohmann::ordered_json> known;
    std::vector<std::string> keys;
  };
  /// begin, end: places of order().
  std::vector<Group> groups(size_t begin, size_t end, const Kind& kind) const;
  /// Made once for each kind and number of tracks.
  const Question& question(const Kind& kind, int64_t tracks);
  /// Tracks that one lane takes at a time.
  size_t block() const { return static_cast<size_t>(options_.asked.plan.together); }

 private:
  bool done(const std::string& key) const;

  const AnnotateOptions& options_;
  Tracks tracks_;
  Evidence evidence_;
  AnswerKeys keys_;
  Ledger ledger_;
  std::vector<int32_t> order_;
  std::vector<Kind> kinds_;
  std::mutex asked_;
  std::map<std::array<int64_t, 3>, std::unique_ptr<Question>> questions_;
};

}  // namespace segue
