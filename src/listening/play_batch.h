#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "listening/play.h"

namespace segue {

/// Gathers rows for a sink, which takes thousands at once, and counts them over all files of a log.
class PlayBatch {
 public:
  explicit PlayBatch(PlaySink& sink);

  /// The next row of the log; its texts are copied.
  void add(RawPlay play);
  void refuse(std::string_view why, std::string_view example);
  void flush();

 private:
  void make_room(size_t bytes);
  std::string_view keep(std::string_view text);

  PlaySink& sink_;
  std::vector<RawPlay> plays_;
  std::unique_ptr<char[]> texts_;
  size_t room_ = 0, used_ = 0;
  int64_t row_ = 0;
};

/// Calls read(batch), and hands over what was read also where it breaks off.
template <class Read>
void in_batches(PlaySink& sink, Read read) {
  PlayBatch batch(sink);
  try {
    read(batch);
  } catch (const Error&) {
    batch.flush();
    throw;
  }
  batch.flush();
}

}  // namespace segue
