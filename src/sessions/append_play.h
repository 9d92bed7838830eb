#pragma once

#include "sessions/log.h"

namespace segue {

/// A play at the end of a log, of the part `test`: its time, and whether it opens a session, are those of play `when` of another log or of
/// the same one, all else is of play `what`. opens: it does, whatever that one did.
void append_play(Log& log, const Log& from, size_t when, size_t what, bool opens);

}  // namespace segue
