#pragma once

#include <vector>

#include "fusion/windows.h"
#include "training/objectives.h"

namespace segue {

/// Cuts what is learned from into windows, epoch by epoch, by the seed alone.
class Sampler {
 public:
  struct Options {
    int64_t length = 200;        // plays of a window
    int64_t batch = 16;          // windows of a step
    std::string targets = "all"; // all positions of a window are targets; last: the last one only, a window for each play
    double hidden = 0.2;         // chance that a play is hidden, for backbones that guess hidden plays
    double hidden_last = 0.25;   // share of windows of which only the last play is hidden, as in use
    bool weigh_completion = false;  // a label counts by how far it was heard, where that is known
    template <class V>
    void fields(V&& field) {
      field("length", length);
      field("batch", batch);
      field("targets", targets);
      field("hidden", hidden);
      field("hidden_last", hidden_last);
      field("weigh_completion", weigh_completion);
    }
  };
  /// Learns from the plays of parts before `until`. Throws Error on an impossible option, and where there is nothing
  /// to learn.
  Sampler(const PlayTable& table, const Options& options, Part until, bool causal, uint64_t seed);

  /// All batches of one epoch. Windows slide: their cuts fall elsewhere in every epoch.
  std::vector<std::vector<Window>> epoch(int64_t number) const;

  /// The labels of a batch: flat positions b · T + t that have one, their tracks, what each counts, and what became of it.
  struct Labels {
    std::vector<int64_t> position;
    std::vector<int32_t> track;
    std::vector<float> weight;
    std::vector<float> completion;  // how far the play was heard, -1 where unknown
  };
  Labels labels(const std::vector<Window>& windows, int64_t padded_length) const;

  /// [N] plays learned from.
  const std::vector<int64_t>& plays() const { return plays_; }
  const Options& options() const { return options_; }

 private:
  void cut(int64_t epoch, size_t listener, std::vector<Window>& into) const;
  void hide(int64_t epoch, Window& window) const;
  void label(int64_t play, int64_t position, Labels& into) const;

  const PlayTable& table_;
  Options options_;
  bool causal_;
  uint64_t seed_;
  std::vector<int64_t> end_;    // [U] of each listener's plays that are learned from
  std::vector<int64_t> plays_;
};

/// Draws negatives of a step.
class NegativeSampler {
 public:
  /// plays: [N]; only tracks with plays are drawn.
  NegativeSampler(const std::vector<int64_t>& plays, Negatives from, double power, uint64_t seed);

  struct Draw {
    std::vector<int32_t> tracks;
    std::vector<float> log_expected;  // [K] for a shared draw
  };
  /// labels: of the batch, for in-batch negatives.
  Draw draw(int64_t step, int64_t count, const std::vector<int32_t>& labels) const;
  int64_t tracks() const { return static_cast<int64_t>(members_.size()); }

 private:
  Negatives from_;
  uint64_t seed_;
  std::vector<int32_t> members_;    // tracks with plays
  std::vector<double> cumulative_;  // [members] chance up to and with each
  std::vector<float> log_chance_;   // [N]
};

}  // namespace segue
