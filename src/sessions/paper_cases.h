#pragma once

#include "core/python_random.h"
#include "sessions/prepared.h"

namespace segue {

/// One case per listener and part: its first play, after the train plays. The target's other candidates are drawn from
/// all items the listener never played, test first, as the paper's code does; a log so small that there are not enough
/// of them has fewer (the paper's code would never end). Fills cases and candidates of val and test.
void ask_first_plays(Prepared& out, PythonRandom& random);

}  // namespace segue
