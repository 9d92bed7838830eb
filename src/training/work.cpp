#include "training/work.h"

#include <ATen/ops/matmul.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/sum.h>

#include <chrono>
#include <cmath>

namespace segue {
namespace {

/// Plays that are read for so many questions, one play after another or each with a window of its own.
double read_for(double questions, const Configuration& configuration) {
  return questions * (configuration.windows.targets == "last" ? static_cast<double>(configuration.windows.length) : 2);
}

}  // namespace

int64_t plays_before(const Log& log, Part until) {
  return std::count_if(log.part.begin(), log.part.end(), [&](Part part) { return part < until; });
}

Work work_of(const Configuration& configuration, const Prepared& prepared) {
  const auto weights = backbones().at(configuration.backbone).weights(configuration.backbone_section, {configuration.items.width, configuration.windows.length});
  const auto learned = static_cast<double>(weights.learned), frozen = static_cast<double>(weights.frozen), width = static_cast<double>(configuration.items.width);
  const bool fits = configuration.training.learn_from == "fit";
  const int64_t of_epoch = plays_before(prepared.log, fits ? Part::gate : Part::val);
  const auto training = configuration.within_budget(of_epoch).training;
  double targets = training.epochs * static_cast<double>(of_epoch);
  if (fits) targets += static_cast<double>(training.refit_epochs * plays_before(prepared.log, Part::val));
  const double plays = configuration.windows.targets == "last" ? targets * static_cast<double>(configuration.windows.length) : targets;
  const double negatives = configuration.objective == "full" ? static_cast<double>(prepared.log.tracks) : static_cast<double>(configuration.objective_options.negatives);
  // Forward, the gradient of what goes in, and of the weights, where these learn.
  const double learning = plays * (6 * learned + 4 * frozen) + targets * 6 * width * negatives;

  double questions = static_cast<double>(prepared.test.size() + prepared.val.size());
  if (fits) questions += static_cast<double>(configuration.mix.questions);
  const double asking = read_for(questions, configuration) * 2 * (learned + frozen) + questions * 2 * width * static_cast<double>(prepared.log.tracks);

  Work work;
  work.operations = learning + asking;
  work.language = frozen > learned;
  const double table = static_cast<double>(prepared.log.tracks) * width;
  work.memory_bytes = static_cast<int64_t>(16 * (learned + table)) + weights.frozen_bytes;  // weight, gradient, two moments
  return work;
}

double seconds_of_an_operation(at::Device device) {
  const int64_t n = device.is_cpu() ? 512 : 8192;
  const auto a = at::randn({n, n}, device), b = at::randn({n, n}, device);
  const auto began = std::chrono::steady_clock::now();
  double operations = 0, seconds = 0;
  while (seconds < 1) {
    at::matmul(a, b).sum().item<float>();  // a GPU is waited for
    operations += 2.0 * std::pow(static_cast<double>(n), 3);
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  }
  return 3 * seconds / operations;
}

}  // namespace segue
