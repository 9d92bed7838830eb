#include "training/finish_answers.h"

#include <ATen/core/grad_mode.h>

namespace segue {

FinishResult judge_finish(const OpenRun& run, const Lesson& lesson, std::span<const Case> cases) {
  SequenceModel& model = *run.run().model;
  TORCH_CHECK(model.finish() != nullptr, "judge_finish: this model has not learned it");
  const at::NoGradGuard no_grad;
  const auto known = with_known_completion(lesson.log, cases);
  std::vector<Asked> asked;
  std::vector<int32_t> tracks;
  for (const Case& c : known) {
    asked.push_back(asked_of(lesson.log, c));
    tracks.push_back(lesson.log.track[static_cast<size_t>(c.target)]);
  }
  const auto& finish = *model.finish();
  std::vector<double> said;
  if (!known.empty()) {
    const Tensor items = model.scored().of(tracks, false).vectors;
    const Tensor states = tensor_of(run.model().states(asked), {std::ssize(asked), run.model().width}).narrow(1, 0, items.size(1)).to(items.device());
    const auto odds = floats_of(finish.log_odds(states, items));
    said.assign(odds.begin(), odds.end());
  }
  return judge_finish(lesson, known, said, finish.options().share);
}

}  // namespace segue
