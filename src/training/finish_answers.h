#pragma once

#include "evaluation/finish.h"
#include "training/run.h"

namespace segue {

/// How well a run's model, which must have learned it (`finish.weight`), tells which plays of these cases are finished. The
/// lesson is the counters' beside it; its log is the one the run was opened with.
FinishResult judge_finish(const OpenRun& run, const Lesson& lesson, std::span<const Case> cases);

}  // namespace segue
