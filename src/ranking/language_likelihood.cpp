#include "ranking/language_likelihood.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/logsumexp.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <stdexcept>
#include <unordered_map>

#include "core/error.h"
#include "core/progress.h"
#include "core/tensor_threads.h"
#include "ranking/language_embedding.h"

namespace segue {
namespace {

constexpr int64_t scored_at_once = 256;  // states whose scores of all tokens are held: 160 MB with 150,000 tokens

/// float [n]: ln p of a token after each state. states float [n, H], tokens int64 [n].
Tensor log_chances(const Decoder& decoder, const Tensor& states, const Tensor& tokens) {
  const Tensor out = at::empty({states.size(0)}, states.options().dtype(at::kDouble));
  for (int64_t begin = 0; begin < states.size(0); begin += scored_at_once) {
    const int64_t n = std::min(scored_at_once, states.size(0) - begin);
    const Tensor scores = decoder.token_scores(states.narrow(0, begin, n));
    const Tensor own = scores.gather(1, tokens.narrow(0, begin, n).unsqueeze(1)).squeeze(1);
    out.narrow(0, begin, n).copy_(own.to(at::kDouble) - at::logsumexp(scores, 1).to(at::kDouble));
  }
  return out;
}

/// A track in a numbered list; the line's end belongs to it, so that a title is told from its beginning.
std::vector<int32_t> tokens_of(const Tokenizer& tokenizer, const std::string& words) { return tokenizer.encode(" " + words + "\n", false); }

std::string told(const Log& log, const Texts& artist, const Texts& title, const Asked& asked, int64_t history) {
  std::string text = "Songs that one listener played in a row, from the oldest to the latest:\n";
  int64_t number = 1;
  for (int64_t play = std::max(asked.from, asked.to - history); play < asked.to; ++play) {
    text += fmt::format("{}. {}\n", number++, words_of_track(artist, title, log.track[static_cast<size_t>(play)]));
  }
  return text + fmt::format("{}.", number);
}

class LikelihoodScorer : public Scorer {
 public:
  LikelihoodScorer(const Likelihoods& known, int32_t who, bool lift) : known_(known), lift_(lift) {
    for (size_t q = 0; q < known.asked.size(); ++q) {
      const Asked& one = known.asked[q];
      if (one.listener == who) number_[{one.to - one.from, one.when_ms}] = q;
    }
  }
  void hear(const Heard&) override { ++heard_; }
  void score(int64_t now_ms, Scores& out) override {
    const auto found = number_.find({heard_, now_ms});
    if (found == number_.end()) throw std::logic_error("LikelihoodScorer: asked something that was not announced");
    const size_t q = found->second;
    for (size_t i = 0; i < known_.candidates[q].size(); ++i) out.add(known_.candidates[q][i], known_.with_history[q][i] - (lift_ ? known_.without[q][i] : 0.0));
  }

 private:
  const Likelihoods& known_;
  bool lift_;
  int64_t heard_ = 0;
  std::map<std::pair<int64_t, int64_t>, size_t> number_;
};

}  // namespace

std::vector<double> log_likelihoods(const Decoder& decoder, const std::vector<int32_t>& prefix, std::span<const std::vector<int32_t>> texts) {
  const at::NoGradGuard no_grad;
  const auto device = decoder.device();
  const auto ids = [&](const std::vector<int64_t>& tokens, int64_t rows) { return tensor_of(tokens, {rows, std::ssize(tokens) / rows}).to(device); };
  KeyValues past;
  const auto P = std::ssize(prefix);
  const Tensor last = tensor_of(std::vector<int64_t>{P - 1}, {1});
  const Tensor before = decoder.forward({.vectors = decoder.vectors_of(ids({prefix.begin(), prefix.end()}, 1)), .into = &past, .read = last});
  std::map<size_t, std::vector<size_t>> by_length;
  for (size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].empty() || P + std::ssize(texts[i]) > decoder.config().positions) {
      throw Error("a history of {} and a track of {} tokens; the model knows {} positions: fewer tracks of the history (--history) would fit", P,
                  texts[i].size(), decoder.config().positions);
    }
    by_length[texts[i].size()].push_back(i);
  }
  std::vector<double> sums(texts.size());
  for (const auto& [length, some] : by_length) {
    const auto n = std::ssize(some), L = static_cast<int64_t>(length);
    std::vector<int64_t> first, rest;
    for (const size_t i : some) {
      first.push_back(texts[i].front());
      rest.insert(rest.end(), texts[i].begin(), texts[i].end());
    }
    const Tensor tokens = ids(rest, n);
    Tensor chance = log_chances(decoder, before.expand({n, -1}), ids(first, n).squeeze(1));
    if (L > 1) {
      const Tensor states = decoder.forward({.vectors = decoder.vectors_of(tokens.narrow(1, 0, L - 1)), .past = &past});
      chance = chance + log_chances(decoder, states.reshape({n * (L - 1), -1}), tokens.narrow(1, 1, L - 1).reshape({-1})).view({n, L - 1}).sum(1);
    }
    const auto of_text = floats_of(chance.to(at::kFloat));
    for (size_t k = 0; k < some.size(); ++k) sums[some[k]] = of_text[k];
  }
  return sums;
}

Likelihoods likelihoods(const Decoder& decoder, const Tokenizer& tokenizer, const Log& log, const Texts& artist, const Texts& title,
                        const std::vector<Asked>& asked, const std::vector<std::vector<int32_t>>& candidates, const LikelihoodOptions& options) {
  Likelihoods known{asked, candidates, std::vector<std::vector<double>>(asked.size()), std::vector<std::vector<double>>(asked.size())};
  std::unordered_map<int32_t, size_t> number;  // of each candidate of any question
  std::vector<std::vector<int32_t>> texts;
  for (const auto& some : candidates) {
    for (const int32_t track : some) {
      if (number.try_emplace(track, texts.size()).second) texts.push_back(tokens_of(tokenizer, words_of_track(artist, title, track)));
    }
  }
  const Asked nobody{};
  const auto nothing = tokenizer.encode(told(log, artist, title, nobody, 0), true);
  constexpr size_t at_once = 100;
  std::vector<double> alone(texts.size());
  const auto blocks = static_cast<int64_t>((texts.size() + at_once - 1) / at_once);
  Progress progress("weighing words", blocks + std::ssize(asked), "questions");
  parallel_tensors(blocks, [&](int64_t b) {
    const size_t begin = static_cast<size_t>(b) * at_once, n = std::min(at_once, texts.size() - begin);
    const auto sums = log_likelihoods(decoder, nothing, std::span(texts).subspan(begin, n));
    std::copy(sums.begin(), sums.end(), alone.begin() + static_cast<std::ptrdiff_t>(begin));
    progress.advance(1);
  });
  parallel_tensors(std::ssize(asked), [&](int64_t i) {
    const auto q = static_cast<size_t>(i);
    std::vector<std::vector<int32_t>> own;
    for (const int32_t track : candidates[q]) own.push_back(texts[number.at(track)]);
    known.with_history[q] = log_likelihoods(decoder, tokenizer.encode(told(log, artist, title, asked[q], options.history), true), own);
    for (const int32_t track : candidates[q]) known.without[q].push_back(alone[number.at(track)]);
    progress.advance(1);
  });
  return known;
}

LikelihoodRanker::LikelihoodRanker(std::shared_ptr<const Likelihoods> known, bool lift) : known_(std::move(known)), lift_(lift) {}

std::unique_ptr<Scorer> LikelihoodRanker::read(int32_t who) const { return std::make_unique<LikelihoodScorer>(*known_, who, lift_); }

}  // namespace segue
