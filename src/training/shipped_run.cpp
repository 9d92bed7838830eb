#include "training/shipped_run.h"

#include <algorithm>
#include <iterator>

namespace segue {

using PartKind = RankerPart::Kind;

ShippedRun::ShippedRun(Run run, const Lesson& lesson, std::vector<Asked> asked, std::function<Recollection*(int32_t)> recollection)
    : lesson_(lesson), asked_(std::move(asked)), open_(std::move(run), lesson.log, std::move(recollection)), ranker_(open_.shipped(lesson_, asked_)) {
  if (const auto* mix = dynamic_cast<const Fused*>(ranker_.get())) clues_ = mix->clues();
}

bool ShippedRun::hears_content() const { return open_.run().ships != "counters" && open_.run().model->items().has_content(); }

std::unique_ptr<Scorer> ShippedRun::read(int32_t who) const {
  const std::lock_guard lock(mutex_);
  return ranker_->read(who);
}

std::unique_ptr<Scorer> ShippedRun::read_as(int32_t who, int32_t as) const {
  const std::lock_guard lock(mutex_);
  return ranker_->read_as(who, as);
}

std::vector<RankerPart> ShippedRun::parts() const {
  auto all = ranker_->parts();
  if (!hears_content()) return all;
  const HeardParts& heard = open_.run().heard;
  if (heard.id) all.push_back({PartKind::id, ""});
  for (const auto& name : open_.run().model->items().signals()) {
    if (std::find(heard.without.begin(), heard.without.end(), name) == heard.without.end()) all.push_back({PartKind::signal, name});
  }
  return all;
}

std::unique_ptr<Scorer> ShippedRun::read_without(int32_t who, const RankerPart& part) const {
  const std::lock_guard lock(mutex_);
  if (part.kind != PartKind::signal && part.kind != PartKind::id) return ranker_->read_without(who, part);
  HeardParts less = open_.run().heard;
  if (part.kind == PartKind::id) less.id = false;
  else less.without.push_back(part.name);
  auto& made = *lessened_.emplace_back(std::make_unique<Lessened>());
  made.model = open_.hearing(less);
  std::vector<Asked> asked;  // of him alone: each question is a window to read
  std::copy_if(asked_.begin(), asked_.end(), std::back_inserter(asked), [&](const Asked& one) { return one.listener == who; });
  // All that scorers want of the model is read while they are made.
  if (clues_ != nullptr) made.ranker = std::make_unique<Fused>(lesson_, made.model, *open_.run().mix, asked, open_.run().configuration.mix, clues_);
  else made.ranker = std::make_unique<VectorRanker>(made.model, asked);
  auto scorer = made.ranker->read(who);
  open_.run().model->items().hear(open_.run().heard);
  return scorer;
}

}  // namespace segue
