#include "backbones/language_model.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "core/error.h"
#include "text/tokenizer.h"

namespace segue {
namespace {

/// Weights that several models of this process read, such as the replicas of a trainer.
std::shared_ptr<Decoder> shared_decoder(const std::string& folder, int64_t layers) {
  static std::mutex one_at_a_time;
  static std::map<std::pair<std::string, int64_t>, std::weak_ptr<Decoder>> open;
  if (folder.empty()) throw Error("backbone.folder: names no language model; a folder in the layout of Hugging Face would work");
  const std::lock_guard guard(one_at_a_time);
  auto& known = open[{folder, layers}];
  auto decoder = known.lock();
  if (decoder == nullptr) known = decoder = std::make_shared<Decoder>(folder, layers);
  return decoder;
}

/// What the instruction is to the model: float [1, P, H]; undefined where there is none.
Tensor read_instruction(const Decoder& decoder, const LanguageModel::Options& options) {
  if (options.instruction.empty()) return {};
  const auto tokens = open_tokenizer(options.folder)->encode(options.instruction, true);
  for (const int32_t token : tokens) {
    if (token >= decoder.config().vocabulary) throw Error("{}: its tokenizer has a token {}, but its model knows {}: they don't belong together", options.folder, token, decoder.config().vocabulary);
  }
  const at::NoGradGuard no_grad;
  return decoder.vectors_of(tensor_of(tokens, {1, std::ssize(tokens)}).to(at::kLong));
}

AdapterOptions adapter_of(const LanguageModel::Options& options) {
  return {options.rank, options.alpha, options.dropout, options.rank_stabilised, options.adapt};
}

/// The root of the mean square of what the model reads for its tokens.
double loudness(const Decoder& decoder) {
  const at::NoGradGuard no_grad;
  const int64_t some = std::min<int64_t>(decoder.config().vocabulary, 1000);
  return decoder.vectors_of(at::arange(some)).square().mean().sqrt().item<double>();
}

}  // namespace

LanguageModel::LanguageModel(const Options& options, const BackboneSizes& sizes)
    : options_(options),
      frozen_(shared_decoder(options.folder, options.layers)),
      decoder_(frozen_->sharing()),
      instruction_(read_instruction(*decoder_, options)),
      in_(register_module("in", torch::nn::Linear(sizes.width, decoder_->config().width))),
      out_(register_module("out", torch::nn::Linear(decoder_->config().width, sizes.width))) {
  const int64_t words = instruction_.defined() ? instruction_.size(1) : 0, known = decoder_->config().positions;
  if (words + sizes.length > known) {
    throw Error("windows.length: {} plays behind an instruction of {} tokens are more than the {} positions that {} knows", sizes.length, words, known, options.folder);
  }
  {
    // A play's vector has length 1 or so, whatever its width; what is read for it is to be as loud as a token.
    const at::NoGradGuard no_grad;
    in_->weight.copy_(at::randn(in_->weight.sizes()) * loudness(*decoder_));
    in_->bias.zero_();
  }
  if (options.rank == 0) return;
  const auto seed = static_cast<uint64_t>(at::randint(int64_t{1} << 62, {1}, at::kLong).item<int64_t>());
  add_adapter(*decoder_, adapter_of(options), seed);
  for (auto& [name, weight] : adapter_weights(*decoder_)) {
    std::string plain = name;  // a module's names have no dots
    std::replace(plain.begin(), plain.end(), '.', '_');
    register_parameter(plain, weight);
  }
}

Tensor LanguageModel::forward(const Batch& batch, const Tensor& plays) {
  KeyValues past;
  // Without noise, for noise is by row, and this is read once for all.
  if (instruction_.defined()) decoder_->forward({.vectors = instruction_, .into = &past, .keys_only = true});
  return out_(decoder_->forward({.vectors = in_(plays), .noise = batch.noise.get(), .past = &past}));
}

void LanguageModel::write_beside(const Path& folder) const {
  if (options_.rank > 0) save_adapter(*decoder_, adapter_of(options_), folder / "adapter", options_.folder);
}

void LanguageModel::to(at::Device device, at::ScalarType type, bool non_blocking) {
  torch::nn::Module::to(device, type, non_blocking);
  follow(at::TensorOptions(device).dtype(type));
}

void LanguageModel::to(at::Device device, bool non_blocking) {
  torch::nn::Module::to(device, non_blocking);
  follow(at::TensorOptions(device).dtype(in_->weight.scalar_type()));
}

void LanguageModel::to(at::ScalarType type, bool non_blocking) {
  torch::nn::Module::to(type, non_blocking);
  follow(in_->weight.options().dtype(type));
}

void LanguageModel::follow(const at::TensorOptions& options) {
  decoder_->to(options);
  if (instruction_.defined()) instruction_ = instruction_.to(options);
}

}  // namespace segue
