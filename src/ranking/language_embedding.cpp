#include "ranking/language_embedding.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <numeric>

#include "core/error.h"
#include "core/progress.h"
#include "core/tensor_threads.h"

namespace segue {
namespace {

constexpr int64_t tokens_at_once = 1024;

class EmbeddingScorer : public Scorer {
 public:
  EmbeddingScorer(const PackedVectors& vectors, const KnownStates& states, int32_t who, int64_t history)
      : vectors_(vectors), states_(states), who_(who), history_(static_cast<size_t>(history)) {}

  void hear(const Heard& play) override {
    ++heard_;
    last_.push_back(play.track);
    if (last_.size() > history_) last_.pop_front();
  }

  void score(int64_t now_ms, Scores& out) override {
    const auto state = states_.at(who_, heard_, now_ms);
    std::copy(state.begin(), state.end(), out.products(vectors_).begin());
    for (const int32_t track : last_) {
      if (track >= 0 && track < out.tracks()) out.add(track, -std::numeric_limits<double>::infinity());
    }
  }

 private:
  const PackedVectors& vectors_;
  const KnownStates& states_;
  int32_t who_;
  size_t history_;
  int64_t heard_ = 0;
  std::deque<int32_t> last_;
};

}  // namespace

std::string words_of_track(const Texts& artist, const Texts& title, int32_t track) {
  const auto j = static_cast<size_t>(track);
  return fmt::format("{} by {}", title[j], artist[j]);
}

std::vector<float> text_vectors(const Decoder& decoder, const Tokenizer& tokenizer, std::span<const std::string> texts) {
  const at::NoGradGuard no_grad;
  const auto width = static_cast<size_t>(decoder.config().width);
  std::vector<std::vector<int32_t>> tokens(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    tokens[i] = tokenizer.encode(texts[i], true);
    if (tokens[i].empty()) throw Error("a text without a token: '{}'", texts[i]);
    if (std::ssize(tokens[i]) > decoder.config().positions) tokens[i].resize(static_cast<size_t>(decoder.config().positions));
  }
  std::vector<size_t> order(texts.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return tokens[a].size() < tokens[b].size(); });
  std::vector<std::pair<size_t, size_t>> batches;  // of the order, each of one length
  for (size_t begin = 0; begin < order.size();) {
    const size_t length = tokens[order[begin]].size();
    size_t end = begin + 1;
    while (end < order.size() && tokens[order[end]].size() == length && static_cast<int64_t>((end + 1 - begin) * length) <= tokens_at_once) ++end;
    batches.emplace_back(begin, end);
    begin = end;
  }
  std::vector<float> vectors(texts.size() * width);
  Progress progress("reading words", std::ssize(batches), "batches");
  parallel_tensors(std::ssize(batches), [&](int64_t b) {
    const auto [begin, end] = batches[static_cast<size_t>(b)];
    const auto n = static_cast<int64_t>(end - begin), length = std::ssize(tokens[order[begin]]);
    std::vector<int64_t> ids;
    for (size_t i = begin; i < end; ++i) ids.insert(ids.end(), tokens[order[i]].begin(), tokens[order[i]].end());
    const Tensor states = decoder.forward({.vectors = decoder.vectors_of(tensor_of(ids, {n, length}).to(decoder.device()))});
    const auto means = floats_of(states.mean(1));
    for (size_t i = begin; i < end; ++i) std::copy_n(means.data() + (i - begin) * width, width, vectors.data() + order[i] * width);
    progress.advance(1);
  });
  return vectors;
}

VectorModel embedding_model(std::vector<float> vectors, int64_t width, const Log& log, const EmbeddingOptions& options) {
  const auto D = static_cast<size_t>(width), n = vectors.size() / D;
  std::vector<double> mean(D);
  for (size_t i = 0; i < vectors.size(); ++i) mean[i % D] += vectors[i] / static_cast<double>(n);
  for (size_t j = 0; j < n; ++j) {
    double square = 0;
    for (size_t d = 0; d < D; ++d) {
      float& x = vectors[j * D + d];
      x = static_cast<float>(x - mean[d]);
      square += static_cast<double>(x) * x;
    }
    const auto scale = static_cast<float>(1 / std::max(1e-6, std::sqrt(square)));
    for (size_t d = 0; d < D; ++d) vectors[j * D + d] *= scale;
  }
  VectorModel model;
  model.width = width;
  model.known.assign(n, 1);
  model.vectors = std::move(vectors);
  model.states = [all = model.vectors, &log, options, D](std::span<const Asked> asked) {
    std::vector<float> states(asked.size() * D);
    for (size_t q = 0; q < asked.size(); ++q) {
      double counts = 1;
      for (int64_t play = asked[q].to; play-- > std::max(asked[q].from, asked[q].to - options.history); counts *= options.fade) {
        const float* const of = all.data() + static_cast<size_t>(log.track[static_cast<size_t>(play)]) * D;
        for (size_t d = 0; d < D; ++d) states[q * D + d] += static_cast<float>(counts) * of[d];
      }
    }
    return states;
  };
  return model;
}

EmbeddingRanker::EmbeddingRanker(std::shared_ptr<const VectorModel> model, std::span<const Asked> asked, const EmbeddingOptions& options)
    : model_(std::move(model)), vectors_(model_->packed()), states_(*model_, asked), options_(options) {}

std::unique_ptr<Scorer> EmbeddingRanker::read(int32_t who) const { return std::make_unique<EmbeddingScorer>(vectors_, states_, who, options_.history); }

}  // namespace segue
