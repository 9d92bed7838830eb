#include "training/step.h"

#include <algorithm>
#include <numeric>

namespace segue {

Shard StepMaker::shard(const Batch& batch, const Drawn& drawn, Share of) const {
  Shard made;
  made.batch = batch.every(of.number, of.of);
  std::vector<int64_t> position, label, negative;
  std::vector<float> weight, completion;
  for (size_t i = 0; i < drawn.label.size(); ++i) {
    const int64_t row = drawn.labels.position[i] / batch.length(), t = drawn.labels.position[i] % batch.length();
    if (row % of.of != of.number) continue;
    position.push_back(row / of.of * made.batch.length() + t);
    label.push_back(drawn.label[i]);
    weight.push_back(drawn.labels.weight[i]);
    completion.push_back(drawn.labels.completion[i]);
    if (from_.each_its_own) negative.push_back(drawn.negative[i]);
  }
  const auto on_device = [&](const auto& values) { return tensor_of(values, {std::ssize(values)}).to(device_); };
  made.position = on_device(position);
  made.label = on_device(label);
  made.weight = on_device(weight);
  made.completion = on_device(completion);
  made.negative = on_device(from_.each_its_own ? negative : drawn.negative);
  made.batch = to(made.batch, device_);
  return made;
}

Step StepMaker::make(const std::vector<Window>& windows, int64_t number, Share of, int64_t shards, uint64_t seed) {
  tracks_.clear();
  const Batch batch = make_batch(from_.table, windows, from_.sampler.options().length, tracks_);
  Drawn drawn{from_.sampler.labels(windows, batch.length()), {}, {}};
  for (const int32_t track : drawn.labels.track) drawn.label.push_back(tracks_.place_of(track));
  Step step;
  step.number = number;
  step.labels = std::ssize(drawn.label);
  const auto negatives = from_.negatives.draw(number, from_.each_its_own ? step.labels : from_.count, drawn.labels.track);
  for (const int32_t track : negatives.tracks) drawn.negative.push_back(tracks_.place_of(track));
  const auto K = std::ssize(drawn.negative);
  step.tracks = tracks_.tracks();
  step.log_expected = tensor_of(negatives.log_expected, {K}).to(device_);
  step.sampling_rate = std::min(1.0, static_cast<double>(K) / static_cast<double>(std::max<int64_t>(1, from_.negatives.tracks() - 1)));
  step.weight = std::accumulate(drawn.labels.weight.begin(), drawn.labels.weight.end(), 0.0);
  step.completions = std::count_if(drawn.labels.completion.begin(), drawn.labels.completion.end(), [](float heard) { return heard >= 0; });
  for (int64_t s = 0; s < shards; ++s) {
    const Share rows{of.number + s * of.of, of.of * shards};
    if (rows.number >= batch.rows()) break;
    step.shards.push_back(shard(batch, drawn, rows));
    step.shards.back().batch.noise = std::make_shared<Noise>(seed, number, rows.number, rows.of);
  }
  return step;
}

}  // namespace segue
