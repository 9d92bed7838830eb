#include "encoders/clap_text.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/stack.h>

#include <xxhash.h>

#include <algorithm>

#include "core/tensor_threads.h"
#include "encoders/network_config.h"
#include "layers/unit.h"
#include "text/tokenizer.h"

namespace segue {
namespace {

using Tokens = std::vector<int32_t>;

std::string tokenizer_fingerprint(const Path& folder) {
  const Path file = folder / "tokenizer.json", older = folder / "tokenizer.model";
  const std::string bytes = read_file(std::filesystem::exists(file) ? file : older);
  return fmt::format("{:016x}", XXH3_64bits(bytes.data(), bytes.size()));
}

class ClapTextEncoder final : public TextEncoder {
 public:
  explicit ClapTextEncoder(const Path& folder) : network_(folder), tokenizer_(open_tokenizer(folder)), space_(fmt::format("clap-text {} {}", checkpoint_fingerprint(folder), tokenizer_fingerprint(folder))) {
    if (tokenizer_->size() > network_.vocabulary()) {
      throw Error("{}: its tokenizer has {} tokens, but its weights know {}; the tokenizer that came with them would work", folder.string(), tokenizer_->size(), network_.vocabulary());
    }
    const Tokens bare = tokenizer_->encode("a", false), framed = tokenizer_->encode("a", true);
    const auto found = std::search(framed.begin(), framed.end(), bare.begin(), bare.end());
    before_.assign(framed.begin(), found);
    if (found != framed.end()) after_.assign(found + std::ssize(bare), framed.end());
    room_ = network_.longest() - std::ssize(before_) - std::ssize(after_);
    if (room_ < 1) throw Error("{}: it reads {} tokens at once, which are not more than the frame of every text", folder.string(), network_.longest());
  }

  int64_t width() const override { return network_.width(); }
  std::string space() const override { return space_; }

  Tensor encode(std::span<const std::string> texts) const override {
    if (texts.empty()) return at::empty({0, width()}, at::TensorOptions(at::kFloat));
    std::vector<Tensor> vectors(texts.size());
    parallel_tensors(std::ssize(texts), [&](int64_t i) { vectors[static_cast<size_t>(i)] = vector_of(texts[static_cast<size_t>(i)]); });
    return at::stack(vectors);
  }

 private:
  Tensor vector_of(const std::string& text) const {
    const at::NoGradGuard no_grad;
    const Tokens all = tokenizer_->encode(text, false);
    const int64_t last = std::ssize(all) - room_, step = std::max<int64_t>(1, room_ - std::min<int64_t>(32, room_ / 2));
    if (last <= 0) return framed_vector(all.begin(), all.end());
    const int64_t chunks = 1 + (last + step - 1) / step;  // evenly spaced, all as long as can be
    Tensor sum;
    for (int64_t c = 0; c < chunks; ++c) {
      const auto from = all.begin() + last * c / (chunks - 1);
      const Tensor vector = framed_vector(from, from + room_);
      sum = sum.defined() ? sum + vector : vector;
    }
    return unit_rows(sum);
  }

  Tensor framed_vector(Tokens::const_iterator from, Tokens::const_iterator to) const {
    Tokens tokens = before_;
    tokens.insert(tokens.end(), from, to);
    tokens.insert(tokens.end(), after_.begin(), after_.end());
    return network_.vector(tokens);
  }

  ClapTextNetwork network_;
  std::unique_ptr<Tokenizer> tokenizer_;
  Tokens before_, after_;  // the frame
  int64_t room_ = 0;
  std::string space_;
};

/// The section of a config.json that is the text tower's.
nlohmann::json text_section(const NetworkConfig& whole) {
  const auto type = whole.get("model_type", std::string());
  if (type != "clap") throw Error("{}: no model_type '{}'; known: clap, the whole model with its text tower", whole.where(), type);
  return whole.get("text_config", nlohmann::json::object());
}

}  // namespace

ClapTextNetwork::ClapTextNetwork(const Path& folder) {
  const NetworkConfig whole(folder / "config.json");
  const TextConfig config = text_config_of(text_section(whole), "roberta", whole.where() + ", text_config");
  const int64_t width = whole.size("projection_dim", 512);
  activation_ = activation_of(whole, "projection_hidden_act", "relu");
  const Checkpoint weights(folder);
  const std::string inside = weights.has("clap.text_model.embeddings.word_embeddings.weight") ? "clap." : "";
  transformer_ = std::make_unique<TextTransformer>(weights, config, TextTransformer::Options{.storage = {}, .prefix = inside + "text_model."});
  if (!transformer_->has_pooler()) throw Error("{}: its weights have no '{}text_model.pooler.dense.weight'", folder.string(), inside);
  const NetworkWeights beside(folder, {inside + "text_projection."}, "linear1.weight");
  first_ = beside.dense("linear1", width, config.width);
  second_ = beside.dense("linear2", width, width);
}

Tensor ClapTextNetwork::vector(const Tokens& tokens) const {
  const Tensor states = transformer_->states(std::span(&tokens, 1));
  return unit_rows(second_(activation_(first_(transformer_->pooled(states.narrow(0, 0, 1)))))).squeeze(0);
}

std::unique_ptr<TextEncoder> open_clap_text(const Path& folder) { return std::make_unique<ClapTextEncoder>(folder); }

}  // namespace segue
