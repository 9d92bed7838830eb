#include "ranking/backbone_states.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>

#include "core/tensor_threads.h"

namespace segue {
namespace {

/// A window and the questions that its positions answer.
struct Reading {
  Window window;
  std::vector<std::pair<size_t, int64_t>> answers;  // question, position
};

Reading for_one(const Asked& asked, size_t number, bool causal, int64_t length) {
  const int64_t room = causal ? length : length - 1;
  Window window{std::max(asked.from, asked.to - room), asked.to, asked.from, asked.when_ms};
  window.asks = !causal;
  const int64_t last = window.length() - 1;
  return {std::move(window), {{number, last}}};
}

/// The first play of the window that answers a question.
int64_t begin_on_grid(int64_t from, int64_t to, int64_t length) {
  const int64_t stride = std::max<int64_t>(1, length / 2);
  return from + std::max<int64_t>(0, (to - from - length + stride - 1) / stride) * stride;
}

/// Windows on a grid of half their length, so that they don't depend on which questions are asked.
std::vector<Reading> on_grid(std::span<const Asked> asked, int64_t length) {
  std::vector<size_t> order(asked.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto place = [&](size_t c) { return std::pair(asked[c].from, asked[c].to); };
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return place(a) < place(b); });
  std::vector<Reading> readings;
  int64_t open_from = -1, open_begin = -1;
  for (const size_t c : order) {
    const auto [from, to] = place(c);
    if (to == from) continue;  // nothing to read
    const int64_t begin = begin_on_grid(from, to, length);
    if (from != open_from || begin != open_begin) {
      readings.push_back({{begin, to, from, 0}, {}});
      open_from = from;
      open_begin = begin;
    }
    auto& reading = readings.back();
    reading.window.end = to;
    reading.window.asked_ms = asked[c].when_ms;
    reading.answers.emplace_back(c, to - 1 - begin);
  }
  return readings;
}

std::vector<Reading> readings_of(std::span<const Asked> asked, bool causal, const ReadOptions& options) {
  const bool each = !causal || options.case_by_case || std::any_of(asked.begin(), asked.end(), [](const Asked& one) { return !one.goes_on; });
  if (!each) return on_grid(asked, options.length);
  std::vector<Reading> readings;
  for (size_t c = 0; c < asked.size(); ++c) {
    if (asked[c].to > asked[c].from || !causal) readings.push_back(for_one(asked[c], c, causal, options.length));
  }
  return readings;
}

/// Several readings as one batch: the states asked for, and whose they are.
struct Answered {
  std::vector<float> states;  // [questions, D]
  std::vector<size_t> question;
};

Answered answer(SequenceModel& model, const PlayTable& table, std::span<const Reading> readings, const std::vector<Tensor>& preface) {
  const auto device = model.items().table().device();
  std::vector<Window> windows;
  std::vector<int64_t> flat;
  Answered answered;
  const int64_t longest = readings.back().window.length();
  for (size_t r = 0; r < readings.size(); ++r) {
    windows.push_back(readings[r].window);
    for (const auto& [number, position] : readings[r].answers) {
      flat.push_back(static_cast<int64_t>(r) * longest + position);
      answered.question.push_back(number);
    }
  }
  StepTracks tracks(table.log().tracks);
  Batch batch = to(make_batch(table, windows, longest, tracks), device);
  batch.preface = preface;
  answered.states = floats_of(model.states_at(batch, model.items().of(tracks.tracks(), false).vectors, tensor_of(flat, {std::ssize(flat)}).to(device)));
  return answered;
}

/// Ends of the batches: each begins where the one before ends.
std::vector<size_t> batches_of(std::span<const Reading> readings, int64_t plays) {
  std::vector<size_t> ends;
  for (size_t begin = 0; begin < readings.size(); begin = ends.back()) {
    size_t end = begin + 1;
    while (end < readings.size() && static_cast<int64_t>(end + 1 - begin) * readings[end].window.length() <= plays) ++end;
    ends.push_back(end);
  }
  return ends;
}

/// Several questions at a time, each of another listener, from what is recollected of them.
void recollect(SequenceModel& model, const PlayTable& table, std::span<const Asked> asked, const ReadOptions& options, std::vector<float>& states) {
  constexpr size_t at_once = 16;
  const auto device = model.items().table().device();
  const auto width = static_cast<size_t>(model.scored().width());
  std::vector<size_t> left;
  for (size_t q = 0; q < asked.size(); ++q) {
    if (asked[q].to > asked[q].from) left.push_back(q);
  }
  while (!left.empty()) {
    std::vector<Window> windows;
    std::vector<size_t> now, later;
    std::vector<Recollection*> rows;
    int64_t longest = 0;
    for (const size_t q : left) {
      const Asked& one = asked[q];
      Recollection* const known = options.recollection(one.listener);
      if (now.size() == at_once || std::find(rows.begin(), rows.end(), known) != rows.end()) {
        later.push_back(q);
        continue;
      }
      now.push_back(q);
      rows.push_back(known);
      windows.push_back({begin_on_grid(one.from, one.to, options.length), one.to, one.from, one.when_ms});
      longest = std::max(longest, windows.back().length());
    }
    StepTracks tracks(table.log().tracks);
    Batch batch = to(make_batch(table, windows, longest, tracks), device);
    batch.preface = options.preface;
    const auto some = floats_of(model.go_on(batch, model.items().of(tracks.tracks(), false).vectors, rows));
    for (size_t i = 0; i < now.size(); ++i) {
      std::copy_n(some.begin() + static_cast<std::ptrdiff_t>(i * width), width, states.begin() + static_cast<std::ptrdiff_t>(now[i] * width));
    }
    left = std::move(later);
  }
}

/// The last questions and their states: a model alone and its mix are asked the same. From any thread.
class LastStates {
 public:
  std::optional<std::vector<float>> of(std::span<const Asked> asked) const {
    const std::lock_guard lock(mutex_);
    if (asked.empty() || !std::equal(asked_.begin(), asked_.end(), asked.begin(), asked.end(), same)) return {};
    return states_;
  }
  void keep(std::span<const Asked> asked, const std::vector<float>& states) {
    const std::lock_guard lock(mutex_);
    asked_.assign(asked.begin(), asked.end());
    states_ = states;
  }

 private:
  static bool same(const Asked& a, const Asked& b) {
    return a.listener == b.listener && a.from == b.from && a.to == b.to && a.when_ms == b.when_ms && a.goes_on == b.goes_on;
  }
  mutable std::mutex mutex_;
  std::vector<Asked> asked_;
  std::vector<float> states_;
};

/// [Q, W] → [Q, W + 1]: 1 where the model has read something, so that what all states find alike counts there.
std::vector<float> with_one(std::span<const float> states, std::span<const Asked> asked, bool causal) {
  std::vector<float> wide;
  const size_t width = asked.empty() ? 0 : states.size() / asked.size();
  for (size_t q = 0; q < asked.size(); ++q) {
    const auto row = states.subspan(q * width, width);
    wide.insert(wide.end(), row.begin(), row.end());
    wide.push_back(asked[q].to > asked[q].from || !causal ? 1.0F : 0.0F);
  }
  return wide;
}

}  // namespace

std::vector<float> states_of(SequenceModel& model, const PlayTable& table, std::span<const Asked> asked, const ReadOptions& given) {
  const at::NoGradGuard no_grad;
  ReadOptions options = given;
  options.length = std::min(given.length, model.backbone().most_plays());
  if (options.preface.empty()) options.preface = model.backbone().preface();
  options.case_by_case = options.case_by_case || model.backbone().is_told();
  const auto width = static_cast<size_t>(model.scored().width());
  std::vector<float> states(asked.size() * width);  // of questions with nothing to read: 0
  if (options.recollection && model.backbone().recollects()) {
    recollect(model, table, asked, options, states);
    return states;
  }
  auto readings = readings_of(asked, model.backbone().causal(), options);
  std::stable_sort(readings.begin(), readings.end(), [](const auto& a, const auto& b) { return a.window.length() < b.window.length(); });
  const auto ends = batches_of(readings, options.plays);
  const auto read = [&](int64_t b) {
    const size_t begin = b == 0 ? 0 : ends[static_cast<size_t>(b - 1)], end = ends[static_cast<size_t>(b)];
    const auto some = answer(model, table, std::span(readings).subspan(begin, end - begin), options.preface);
    for (size_t q = 0; q < some.question.size(); ++q) {
      std::copy_n(some.states.begin() + static_cast<std::ptrdiff_t>(q * width), width, states.begin() + static_cast<std::ptrdiff_t>(some.question[q] * width));
    }
  };
  if (model.items().table().is_cpu()) {
    parallel_tensors(std::ssize(ends), read);
  } else {
    for (int64_t b = 0; b < std::ssize(ends); ++b) read(b);
  }
  return states;
}

VectorModel vector_model(SequenceModel& model, const PlayTable& table, const ReadOptions& options) {
  const at::NoGradGuard no_grad;
  VectorModel made;
  made.reads_once = model.backbone().causal() && model.backbone().reads_whole_logs();
  const Tensor items = model.scored().all();
  Tensor vectors = items * model.scale();
  const bool finishes = model.finish() != nullptr && model.finish()->options().in_score > 0;
  if (finishes) vectors = at::cat({vectors, at::zeros({vectors.size(0), 1}, vectors.options())}, 1) + model.finish()->in_score(items);
  made.width = vectors.size(1);
  made.vectors = floats_of(vectors);
  for (int32_t j = 0; j < model.items().tracks(); ++j) made.known.push_back(model.scored().has(j));
  const auto left_out = std::make_shared<std::atomic<int64_t>>(0), questions = std::make_shared<std::atomic<int64_t>>(0);
  // Read once, when something is asked: like the vectors it is of the model as it is now.
  const auto known = std::make_shared<std::vector<Tensor>>(options.preface);
  const auto last = std::make_shared<LastStates>();
  made.states = [&model, &table, options, known, last, left_out, questions, finishes](std::span<const Asked> asked) {
    if (auto states = last->of(asked)) return std::move(*states);
    const int64_t most = model.backbone().most_plays();
    for (const Asked& one : asked) {
      const int64_t plays = std::min(one.to - one.from, options.length);
      *left_out += std::max<int64_t>(0, plays - most);
      *questions += plays > most ? 1 : 0;
    }
    const at::NoGradGuard no_gradient;
    if (known->empty()) *known = model.backbone().preface();
    ReadOptions with = options;
    with.preface = *known;
    auto states = states_of(model, table, asked, with);
    if (finishes) states = with_one(states, asked, model.backbone().causal());
    if (!options.recollection) last->keep(asked, states);
    return states;
  };
  made.note = [&model, options, left_out, questions]() -> std::string {
    if (*left_out == 0) return {};
    return fmt::format("reads {} plays of {}: {} older ones of {} questions left out", model.backbone().most_plays(), options.length, left_out->load(), questions->load());
  };
  return made;
}

}  // namespace segue
