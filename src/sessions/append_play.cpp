#include "sessions/append_play.h"

namespace segue {

void append_play(Log& log, const Log& from, size_t when, size_t what, bool opens) {
  log.start_ms.push_back(from.start_ms[when]);
  log.moment_ms.push_back(from.moment_ms[when]);
  log.opens.push_back(opens || from.opens[when] != 0);
  log.track.push_back(from.track[what]);
  log.completion.push_back(from.completion[what]);
  log.completion_kind.push_back(from.completion_kind[what]);
  log.part.push_back(Part::test);
}

}  // namespace segue
