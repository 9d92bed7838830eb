#include "training/sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "core/shuffle.h"

namespace segue {
namespace {

enum Stream : uint64_t { cuts = 1, order = 2, hiding = 3, negatives = 4 };

Random stream_of(uint64_t seed, Stream stream, int64_t a, int64_t b = 0) {
  return Random(mix_bits(seed ^ mix_bits(static_cast<uint64_t>(a))) + static_cast<uint64_t>(b), stream);
}

}  // namespace

Sampler::Sampler(const PlayTable& table, const Options& options, Part until, bool causal, uint64_t seed)
    : table_(table), options_(options), causal_(causal), seed_(seed), plays_(static_cast<size_t>(table.log().tracks)) {
  if (options_.length < 2 || options_.length > 100'000) throw Error("windows.length: {} plays; from 2 to 100000 would work", options_.length);
  if (options_.batch < 1) throw Error("windows.batch: {} windows; 1 or more are wanted", options_.batch);
  if (options_.targets != "all" && options_.targets != "last") throw Error("windows.targets: '{}'; known: all, last", options_.targets);
  const Log& log = table.log();
  int64_t targets = 0;
  for (size_t u = 0; u + 1 < log.first.size(); ++u) {
    int64_t end = log.first[u];
    while (end < log.first[u + 1] && log.part[static_cast<size_t>(end)] < until) ++plays_[static_cast<size_t>(log.track[static_cast<size_t>(end++)])];
    end_.push_back(end);
    targets += std::max<int64_t>(0, end - log.first[u] - 1);
  }
  if (targets == 0) throw Error("nothing to learn from: no listener has two plays in the training part");
}

/// A causal window's last play is followed by one more that is a target: it ends one play before the end.
void Sampler::cut(int64_t epoch, size_t u, std::vector<Window>& into) const {
  const int64_t from = table_.log().first[u], last = end_[u] - (causal_ ? 1 : 0), length = options_.length;
  if (last - from < (causal_ ? 1 : 2)) return;
  if (options_.targets == "last") {
    for (int64_t end = from + (causal_ ? 1 : 2); end <= last; ++end) into.push_back(table_.window(std::max(from, end - length), end, from));
    return;
  }
  const int64_t shift = last - from <= length ? length : 1 + static_cast<int64_t>(stream_of(seed_, cuts, epoch, static_cast<int64_t>(u)).below(static_cast<uint64_t>(length)));
  for (int64_t begin = from + shift - length; begin < last; begin += length) {
    if (const int64_t start = std::max(begin, from), end = std::min(begin + length, last); end > start) into.push_back(table_.window(start, end, from));
  }
}

void Sampler::hide(int64_t epoch, Window& window) const {
  auto random = stream_of(seed_, hiding, epoch, window.begin);
  window.hidden.assign(static_cast<size_t>(window.end - window.begin), 0);
  const bool only_last = options_.targets == "last" || random.uniform() < options_.hidden_last;
  if (!only_last) {
    for (auto& one : window.hidden) one = random.uniform() < options_.hidden;
  }
  if (only_last || std::find(window.hidden.begin(), window.hidden.end(), 1) == window.hidden.end()) window.hidden.back() = 1;
}

std::vector<std::vector<Window>> Sampler::epoch(int64_t number) const {
  std::vector<Window> all;
  for (size_t u = 0; u < end_.size(); ++u) cut(number, u, all);
  auto random = stream_of(seed_, order, number);
  shuffle(all, random);
  // Windows of like length together, so that little is padded; which batch comes when stays random.
  const size_t batch = static_cast<size_t>(options_.batch), group = 16 * batch;
  for (size_t begin = 0; begin < all.size(); begin += group) {
    std::stable_sort(all.begin() + static_cast<std::ptrdiff_t>(begin), all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), begin + group)),
                     [](const Window& a, const Window& b) { return a.length() < b.length(); });
  }
  std::vector<std::vector<Window>> batches;
  for (size_t begin = 0; begin < all.size(); begin += batch) {
    auto& one = batches.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(begin), all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), begin + batch)));
    if (!causal_) std::for_each(one.begin(), one.end(), [&](Window& window) { hide(number, window); });
  }
  shuffle(batches, random);
  return batches;
}

void Sampler::label(int64_t play, int64_t position, Labels& into) const {
  const Log& log = table_.log();
  const auto i = static_cast<size_t>(play);
  const bool known = log.completion_kind[i] != CompletionKind::unknown, weighed = options_.weigh_completion && known;
  into.position.push_back(position);
  into.track.push_back(log.track[i]);
  into.weight.push_back(weighed ? std::clamp(log.completion[i], 0.1F, 1.0F) : 1.0F);
  into.completion.push_back(known ? log.completion[i] : -1.0F);
}

Sampler::Labels Sampler::labels(const std::vector<Window>& windows, int64_t padded_length) const {
  Labels labels;
  for (size_t b = 0; b < windows.size(); ++b) {
    const Window& window = windows[b];
    const int64_t length = window.end - window.begin;
    for (int64_t t = options_.targets == "last" ? length - 1 : 0; t < length; ++t) {
      const int64_t position = static_cast<int64_t>(b) * padded_length + t;
      if (causal_) label(window.begin + t + 1, position, labels);
      else if (window.hidden[static_cast<size_t>(t)] != 0) label(window.begin + t, position, labels);
    }
  }
  return labels;
}

NegativeSampler::NegativeSampler(const std::vector<int64_t>& plays, Negatives from, double power, uint64_t seed)
    : from_(from), seed_(seed), log_chance_(plays.size()) {
  std::vector<double> weight;
  for (size_t j = 0; j < plays.size(); ++j) {
    if (plays[j] == 0) continue;
    members_.push_back(static_cast<int32_t>(j));
    // In-batch negatives come as often as tracks are played.
    const double share = from == Negatives::popularity ? power : from == Negatives::in_batch ? 1.0 : 0.0;
    weight.push_back(std::pow(static_cast<double>(plays[j]), share));
  }
  const double sum = std::accumulate(weight.begin(), weight.end(), 0.0);
  double up_to = 0;
  for (size_t m = 0; m < members_.size(); ++m) {
    cumulative_.push_back(up_to += weight[m] / sum);
    log_chance_[static_cast<size_t>(members_[m])] = static_cast<float>(std::log(weight[m] / sum));
  }
}

NegativeSampler::Draw NegativeSampler::draw(int64_t step, int64_t count, const std::vector<int32_t>& labels) const {
  Draw drawn;
  if (from_ == Negatives::all) {
    drawn.tracks = members_;
    drawn.log_expected.assign(members_.size(), 0.0F);
    return drawn;
  }
  auto random = stream_of(seed_, negatives, step);
  const auto log_count = static_cast<float>(std::log(static_cast<double>(count)));
  for (int64_t k = 0; k < count; ++k) {
    size_t m = 0;
    if (from_ == Negatives::popularity) {
      m = static_cast<size_t>(std::lower_bound(cumulative_.begin(), cumulative_.end() - 1, random.uniform()) - cumulative_.begin());
    } else if (from_ == Negatives::uniform) {
      m = static_cast<size_t>(random.below(members_.size()));
    }
    const int32_t track = from_ == Negatives::in_batch ? labels[random.below(labels.size())] : members_[m];
    drawn.tracks.push_back(track);
    drawn.log_expected.push_back(log_chance_[static_cast<size_t>(track)] + log_count);
  }
  return drawn;
}

}  // namespace segue
