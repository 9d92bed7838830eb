#include "ranking/backbone_states.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/index_select.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace segue {
namespace {

/// A window and the questions that its positions answer.
struct Reading {
  Window window;
  std::vector<std::pair<size_t, int64_t>> answers;  // question, position
};

Reading for_one(const PlayTable& table, const Case& question, size_t number, bool causal, int64_t length) {
  const Log& log = table.log();
  const int64_t from = known_from(log, question), end = question.history_end, room = causal ? length : length - 1;
  Window window{std::max(from, end - room), end, from, asked_at(log, question)};
  window.asks = !causal;
  const int64_t last = window.length() - 1;
  return {std::move(window), {{number, last}}};
}

/// Windows on a grid of half their length, so that they don't depend on which questions are asked.
std::vector<Reading> on_grid(const PlayTable& table, std::span<const Case> cases, int64_t length) {
  const Log& log = table.log();
  std::vector<size_t> order(cases.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto place = [&](size_t c) { return std::pair(known_from(log, cases[c]), cases[c].history_end); };
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return place(a) < place(b); });
  const int64_t stride = std::max<int64_t>(1, length / 2);
  std::vector<Reading> readings;
  int64_t open_from = -1, open_begin = -1;
  for (const size_t c : order) {
    const auto [from, end] = place(c);
    if (end == from) continue;  // nothing to read
    const int64_t begin = from + std::max<int64_t>(0, (end - from - length + stride - 1) / stride) * stride;
    if (from != open_from || begin != open_begin) {
      readings.push_back({{begin, end, from, 0}, {}});
      open_from = from;
      open_begin = begin;
    }
    auto& reading = readings.back();
    reading.window.end = end;
    reading.window.asked_ms = asked_at(log, cases[c]);
    reading.answers.emplace_back(c, end - 1 - begin);
  }
  return readings;
}

}  // namespace

std::vector<float> states_of(SequenceModel& model, const PlayTable& table, std::span<const Case> cases, const ReadOptions& options) {
  const at::NoGradGuard no_grad;
  const bool causal = model.backbone().causal();
  const bool each = !causal || options.case_by_case ||
                    std::any_of(cases.begin(), cases.end(), [](const Case& c) { return c.target != c.history_end; });
  std::vector<Reading> readings;
  if (each) {
    for (size_t c = 0; c < cases.size(); ++c) {
      if (cases[c].history_end > known_from(table.log(), cases[c]) || !causal) readings.push_back(for_one(table, cases[c], c, causal, options.length));
    }
  } else {
    readings = on_grid(table, cases, options.length);
  }
  std::stable_sort(readings.begin(), readings.end(), [](const auto& a, const auto& b) { return a.window.length() < b.window.length(); });

  const auto device = model.items().table().device();
  const auto width = static_cast<size_t>(model.items().width());
  std::vector<float> states(cases.size() * width);  // of questions with nothing to read: 0
  StepTracks tracks(table.log().tracks);
  for (size_t begin = 0; begin < readings.size();) {
    size_t end = begin;
    while (end < readings.size() && (end == begin || static_cast<int64_t>(end + 1 - begin) * readings[end].window.length() <= options.plays)) ++end;
    std::vector<Window> windows;
    std::vector<int64_t> flat;
    std::vector<size_t> question;
    const int64_t longest = readings[end - 1].window.length();
    for (size_t r = begin; r < end; ++r) {
      windows.push_back(readings[r].window);
      for (const auto& [number, position] : readings[r].answers) {
        flat.push_back(static_cast<int64_t>(r - begin) * longest + position);
        question.push_back(number);
      }
    }
    tracks.clear();
    const Batch batch = to(make_batch(table, windows, options.length, tracks), device);
    const Tensor all = model.states(batch, model.items().of(tracks.tracks(), false).vectors);
    const Tensor asked = all.reshape({-1, all.size(2)}).index_select(0, tensor_of(flat, {static_cast<int64_t>(flat.size())}).to(device));
    const auto values = floats_of(asked);
    for (size_t q = 0; q < question.size(); ++q) {
      std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(q * width), width, states.begin() + static_cast<std::ptrdiff_t>(question[q] * width));
    }
    begin = end;
  }
  return states;
}

PackedVectors packed(const SequenceModel& model) {
  const at::NoGradGuard no_grad;
  const auto vectors = floats_of(model.items().all() * model.scale());
  std::vector<float> bias(static_cast<size_t>(model.items().tracks()));
  for (size_t j = 0; j < bias.size(); ++j) {
    bias[j] = model.items().has(static_cast<int32_t>(j)) ? 0.0F : -std::numeric_limits<float>::infinity();
  }
  return PackedVectors(vectors, model.items().width(), {.bias = bias});
}

}  // namespace segue
