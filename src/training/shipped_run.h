#pragma once

#include <mutex>

#include "training/run.h"

namespace segue {

/// What a run ships, for a few questions that are known beforehand; and the same without one of its parts: a counter, the
/// model, one of the signals, the ids.
class ShippedRun : public Ranker {
 public:
  /// recollection: as OpenRun has it. The log of the lesson must outlive this.
  ShippedRun(Run run, const Lesson& lesson, std::vector<Asked> asked, std::function<Recollection*(int32_t)> recollection);
  std::unique_ptr<Scorer> read(int32_t who) const override;
  std::unique_ptr<Scorer> read_as(int32_t who, int32_t as) const override;
  std::vector<RankerPart> parts() const override;
  std::unique_ptr<Scorer> read_without(int32_t who, const RankerPart& part) const override;

 private:
  /// A model that hears less, and what ranks by it.
  struct Lessened {
    VectorModel model;
    std::unique_ptr<Ranker> ranker;
  };
  bool hears_content() const;

  Lesson lesson_;
  std::vector<Asked> asked_;
  OpenRun open_;
  std::unique_ptr<Ranker> ranker_;
  std::shared_ptr<const Clues> clues_;                      // of a mix
  mutable std::mutex mutex_;                                // what the model hears is of one reader at a time
  mutable std::vector<std::unique_ptr<Lessened>> lessened_; // scorers refer to them
};

}  // namespace segue
