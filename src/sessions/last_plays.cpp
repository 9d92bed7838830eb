#include "sessions/last_plays.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/shuffle.h"
#include "sessions/append_play.h"

namespace segue {
namespace {

/// Puts the history of a case and its target behind the log, and makes the case be about them.
void append_case(Log& log, Case& c, const LastPlays& known, Random random) {
  const int64_t begin = std::max(known_from(log, c), c.history_end - known.plays);
  std::vector<size_t> order(static_cast<size_t>(c.history_end - begin));
  std::iota(order.begin(), order.end(), static_cast<size_t>(begin));
  if (known.shuffled) shuffle(order, random);
  const auto target = static_cast<size_t>(c.target);
  c.history_begin = log.plays();
  for (size_t i = 0; i < order.size(); ++i) append_play(log, log, static_cast<size_t>(begin) + i, order[i], i == 0);
  c.history_end = c.target = log.plays();
  append_play(log, log, target, target, false);
}

}  // namespace

KnownByLastPlays::KnownByLastPlays(Prepared all, Part part, const LastPlays& known)
    : prepared(std::move(all)),
      whole(part == Part::val ? prepared.val : prepared.test),
      text(fmt::format("; of a listener the last {} plays are known{}", known.plays, known.shuffled ? ", in a random order" : "")) {
  Log& log = prepared.log;
  auto& cases = part == Part::val ? prepared.val : prepared.test;
  for (size_t c = 0; c < cases.size(); ++c) {
    if (c == 0 || whole[c].listener != whole[c - 1].listener) {
      log.listeners.push_back(log.listeners[static_cast<size_t>(whole[c].listener)]);
      log.first.push_back(log.plays());
    }
    append_case(log, cases[c], known, Random(known.seed, c));
    cases[c].listener = static_cast<int32_t>(log.listeners.size()) - 1;
    log.first.back() = log.plays();
  }
  prepared.session.resize(log.track.size());
  (part == Part::val ? prepared.test : prepared.val).clear();
}

}  // namespace segue
