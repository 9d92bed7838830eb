#include "encoders/sentence_encoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include <xxhash.h>

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"
#include "core/tensor_threads.h"
#include "layers/unit.h"
#include "text/unicode.h"

namespace segue {
namespace {

constexpr int64_t pack_tokens = 512;  // that go through the layers together: what they become stays in a cache

/// Tells tokenizers apart.
std::string tokenizer_fingerprint(const Path& folder) {
  std::string seen;
  for (const char* name : {"tokenizer.json", "tokenizer.model", "sentencepiece.bpe.model", "vocab.txt"}) {
    if (std::filesystem::exists(folder / name)) return fmt::format("{:016x}", XXH3_64bits((seen = read_file(folder / name)).data(), seen.size()));
  }
  return "";
}

}  // namespace

SentenceEncoder::SentenceEncoder(const Path& folder, const Options& options) : options_(options), modules_(read_sentence_modules(folder)) {
  const Path& inside = modules_.transformer;
  const TextConfig config = read_text_config(inside);
  tokenizer_ = open_tokenizer(inside);
  if (tokenizer_->size() > config.vocabulary) {
    throw Error("{}: its tokenizer has {} tokens, but its weights know {}; the tokenizer that came with them would work", inside.string(), tokenizer_->size(), config.vocabulary);
  }
  transformer_ = std::make_unique<TextTransformer>(Checkpoint(inside), config, TextTransformer::Options{.storage = storage_named(options.storage)});
  check_and_settle(folder);
  space_ = fmt::format("{} {} {} {}{}{} length={} overlap={} chunks={} storage={}", config.name, checkpoint_fingerprint(inside), tokenizer_fingerprint(inside), modules_.pooling.name(),
                       modules_.dense.empty() ? "" : " dense", modules_.unit ? " unit" : "", options_.length, options_.overlap, options_.most_chunks,
                       options_.storage.empty() ? "f32" : options_.storage);
}

/// Finds the frame, and how long texts may be.
void SentenceEncoder::check_and_settle(const Path& folder) {
  const Tokens bare = tokenizer_->encode("a", false), framed = tokenizer_->encode("a", true);
  const auto found = std::search(framed.begin(), framed.end(), bare.begin(), bare.end());
  if (bare.empty() || found == framed.end()) throw Error("{}: its tokenizer puts no frame around a text that could be told from it", folder.string());
  before_.assign(framed.begin(), found);
  after_.assign(found + std::ssize(bare), framed.end());
  const int64_t longest = transformer_->config().longest(), frame = std::ssize(before_) + std::ssize(after_);
  if (options_.length == 0) options_.length = std::min(modules_.length, longest);
  if (options_.length > longest) throw Error("{}: can't read {} tokens at once; {} at most", folder.string(), options_.length, longest);
  if (options_.length <= frame + options_.overlap) options_.overlap = std::max<int64_t>(0, (options_.length - frame) / 2);
  if (options_.length <= frame) throw Error("{}: {} tokens at once are not more than the {} around every text", folder.string(), options_.length, frame);
  if (options_.overlap < 0 || options_.most_chunks < 0) throw Error("{}: an overlap of {} tokens, {} chunks; 0 or more would work", folder.string(), options_.overlap, options_.most_chunks);
  int64_t width = transformer_->config().width * modules_.pooling.parts();
  for (const auto& dense : modules_.dense) {
    if (dense.linear.weight.in() != width) throw Error("{}: a Dense module reads {} numbers, but {} come", folder.string(), dense.linear.weight.in(), width);
    width = dense.linear.weight.out();
  }
}

int64_t SentenceEncoder::width() const {
  return modules_.dense.empty() ? transformer_->config().width * modules_.pooling.parts() : modules_.dense.back().linear.weight.out();
}

std::vector<int32_t> SentenceEncoder::tokens_of(const std::string& text) const {
  return tokenizer_->encode(modules_.lower_case ? lower_case(as_utf8(text)) : text, false);
}

/// All of a text's chunks are as long as can be, and evenly spaced.
std::vector<SentenceEncoder::Chunk> SentenceEncoder::chunks_of(std::span<const Tokens> texts) const {
  const int64_t room = options_.length - std::ssize(before_) - std::ssize(after_), step = room - options_.overlap;
  std::vector<Chunk> chunks;
  for (size_t t = 0; t < texts.size(); ++t) {
    const int64_t n = std::ssize(texts[t]), last = n - room;  // where the last one begins
    int64_t count = last <= 0 ? 1 : 1 + (last + step - 1) / step;
    if (options_.most_chunks > 0) count = std::min(count, options_.most_chunks);
    for (int64_t c = 0; c < count; ++c) {
      const int64_t from = count == 1 ? 0 : last * c / (count - 1);
      chunks.push_back({t, from, std::min(n, from + room)});
    }
  }
  return chunks;
}

/// One for each chunk: float [chunks, width()].
Tensor SentenceEncoder::vectors_of(std::span<const Tokens> texts, std::span<const Chunk> chunks) const {
  std::vector<Tokens> framed;
  for (const auto& [text, from, to] : chunks) {
    Tokens& tokens = framed.emplace_back(before_);
    tokens.insert(tokens.end(), texts[text].begin() + from, texts[text].begin() + to);
    tokens.insert(tokens.end(), after_.begin(), after_.end());
  }
  const Tensor states = transformer_->states(framed);
  std::vector<Tensor> pooled;
  int64_t begin = 0;
  for (const auto& tokens : framed) {
    pooled.push_back(modules_.pooling(states.narrow(0, begin, std::ssize(tokens))));
    begin += std::ssize(tokens);
  }
  Tensor made = at::stack(pooled);
  for (const auto& dense : modules_.dense) {
    made = dense.linear.forward(made);
    if (dense.tanh) made.tanh_();
  }
  return modules_.unit ? unit_rows(made) : made;
}

Tensor SentenceEncoder::encode(std::span<const std::string> texts) const {
  std::vector<Tokens> tokens(texts.size());
  parallel_for(std::ssize(texts), [&](int64_t i) { tokens[static_cast<size_t>(i)] = tokens_of(texts[static_cast<size_t>(i)]); });
  return encode_tokens(tokens);
}

/// Chunks that go through the layers together: of like lengths, the longest first.
std::vector<std::vector<SentenceEncoder::Chunk>> SentenceEncoder::packs_of(std::vector<Chunk> chunks) const {
  const auto length = [](const Chunk& chunk) { return chunk.to - chunk.from; };
  std::stable_sort(chunks.begin(), chunks.end(), [&](const Chunk& a, const Chunk& b) { return length(a) > length(b); });
  std::vector<std::vector<Chunk>> packs;
  int64_t filled = 0;
  for (const Chunk& chunk : chunks) {
    const int64_t more = length(chunk) + std::ssize(before_) + std::ssize(after_);
    if (packs.empty() || filled + more > pack_tokens) packs.emplace_back(), filled = 0;
    packs.back().push_back(chunk);
    filled += more;
  }
  return packs;
}

Tensor SentenceEncoder::encode_tokens(std::span<const Tokens> texts) const {
  const at::NoGradGuard no_grad;
  const auto packs = packs_of(chunks_of(texts));
  std::vector<Tensor> vectors(packs.size());
  parallel_tensors(std::ssize(packs), [&](int64_t p) { vectors[static_cast<size_t>(p)] = vectors_of(texts, packs[static_cast<size_t>(p)]); });
  struct Part {
    Chunk chunk;
    Tensor vector;
  };
  std::vector<Part> parts;
  for (size_t p = 0; p < packs.size(); ++p) {
    for (size_t c = 0; c < packs[p].size(); ++c) parts.push_back({packs[p][c], vectors[p][static_cast<int64_t>(c)]});
  }
  // In the order of each text, so that no sum depends on the other texts.
  std::sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return std::pair(a.chunk.text, a.chunk.from) < std::pair(b.chunk.text, b.chunk.from); });
  const auto count = std::ssize(texts);
  Tensor sums = at::zeros({count, width()}, at::TensorOptions(at::kFloat));
  std::vector<float> weights(texts.size());
  for (const auto& [chunk, vector] : parts) {
    const auto weight = static_cast<float>(std::max<int64_t>(1, chunk.to - chunk.from));
    sums[static_cast<int64_t>(chunk.text)].add_(vector, weight);
    weights[chunk.text] += weight;
  }
  sums.div_(tensor_of(std::span<const float>(weights), {count, 1}));
  return modules_.unit ? unit_rows(sums) : sums;
}

}  // namespace segue
