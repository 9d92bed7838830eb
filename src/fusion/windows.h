#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/marks.h"
#include "fusion/batch.h"
#include "sessions/log.h"

namespace segue {

/// A run of plays of one listener that is read at once.
struct Window {
  int64_t begin = 0, end = 0;  // plays of the log
  int64_t known_from = 0;      // nothing before this play may be known
  int64_t asked_ms = 0;        // when the question after the last play is asked
  std::vector<uint8_t> hidden = {};  // [end - begin], or empty: none
  bool asks = false;           // a hidden play stands behind the last one

  int64_t length() const { return end - begin + (asks ? 1 : 0); }
};

/// Tokens that tell of a window's last plays.
using Teller = std::function<std::vector<int32_t>(const Log& log, const Window& window)>;

/// What batches need of every play of a log, worked out once.
class PlayTable {
 public:
  /// places: how many earlier places of a play's track are looked up.
  PlayTable(const Log& log, int64_t places);

  const Log& log() const { return log_; }
  int64_t places() const { return places_; }
  /// The play of the same track before this one, by the same listener; -1 if there is none.
  int64_t same_before(int64_t play) const { return before_[static_cast<size_t>(play)]; }
  /// A window that ends where the next play of the log, if it is the same listener's, asks the question.
  Window window(int64_t begin, int64_t end, int64_t known_from) const;
  /// For backbones that are told in words, too; none at first.
  void tell(Teller teller) { teller_ = std::move(teller); }
  const Teller& teller() const { return teller_; }

 private:
  Teller teller_;
  const Log& log_;
  int64_t places_;
  std::vector<int64_t> before_;  // [plays]; empty where no place is looked up
};

/// Numbers the tracks that one step is about, in the order they come.
class StepTracks {
 public:
  explicit StepTracks(int64_t tracks) : places_(static_cast<size_t>(tracks)) {}
  void clear();
  int64_t place_of(int32_t track);
  const std::vector<int32_t>& tracks() const { return tracks_; }

 private:
  Marks places_;
  std::vector<int32_t> tracks_;
};

/// The windows as tensors on the CPU; each is at most `length` plays long, a hidden one behind the last included.
Batch make_batch(const PlayTable& table, std::span<const Window> windows, int64_t length, StepTracks& tracks);

/// All tensors of a batch on another device.
Batch to(const Batch& batch, at::Device device);

}  // namespace segue
