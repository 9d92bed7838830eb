#include "backbones/language_model.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cumprod.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/pad_sequence.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <tuple>

#include "core/error.h"
#include "language/layer_weights.h"
#include "language/checkpoint.h"
#include "language/resume.h"
#include "text/tokenizer.h"

namespace segue {
namespace {

constexpr int64_t tokens_of_a_line = 24;

/// Weights that several models of this process read, such as the replicas of a trainer.
std::shared_ptr<Decoder> shared_decoder(const std::string& folder, int64_t layers, const std::string& storage) {
  static std::mutex one_at_a_time;
  static std::map<std::tuple<std::string, int64_t, std::string>, std::weak_ptr<Decoder>> open;
  const std::lock_guard guard(one_at_a_time);
  auto& known = open[{folder, layers, storage}];
  auto decoder = known.lock();
  if (decoder == nullptr) {
    known = decoder = std::make_shared<Decoder>(
        folder, Decoder::Options{layers, storage_named(storage), LayerRoom::asked_for()});
  }
  return decoder;
}

/// What the model reads for tokens: float [n, H]; undefined where there are none.
Tensor read_tokens(const Decoder& decoder, const std::vector<int32_t>& tokens) {
  if (tokens.empty()) return {};
  const at::NoGradGuard no_grad;
  return decoder.vectors_of(tensor_of(tokens, {std::ssize(tokens)}).to(at::kLong));
}

std::string absolute(const std::string& folder) { return std::filesystem::absolute(folder).lexically_normal().string(); }

void require_one_of(const char* name, const std::string& given, std::initializer_list<const char*> known) {
  if (std::find(known.begin(), known.end(), given) == known.end()) throw Error("backbone.{}: '{}'; known: {}", name, given, fmt::join(known, ", "));
}

AdapterOptions adapter_of(const LanguageModel::Options& options) {
  return {options.rank, options.alpha, options.dropout, options.rank_stabilised, options.adapt};
}

/// How many rows, from the first on, are the same in both.
int64_t alike(const Tensor& some, const Tensor& others) {
  if (!some.defined() || some.size(1) != others.size(1)) return 0;
  const int64_t n = std::min(some.size(0), others.size(0));
  const Tensor same = some.narrow(0, 0, n).eq(others.narrow(0, 0, n)).all(1).to(at::kLong);
  return same.cumprod(0).sum().item<int64_t>();
}

/// The root of the mean square of what the model reads for its tokens.
double loudness(const Decoder& decoder) {
  const at::NoGradGuard no_grad;
  const int64_t some = std::min<int64_t>(decoder.config().vocabulary, 1000);
  return decoder.vectors_of(at::arange(some)).square().mean().sqrt().item<double>();
}

}  // namespace

void LanguageModel::Options::settle() {
  if (folder.empty()) throw Error("backbone.folder: names no language model; a folder in the layout of Hugging Face would work");
  require_one_of("pool", pool, {"positions", "response"});
  require_one_of("head", head, {"tied", "classifier"});
  storage_named(storage);
  if (told < 0) throw Error("backbone.told: {}; 0 or more would work", told);
  if (rank < 0) throw Error("backbone.rank: {}; 0 or more would work", rank);
  if (dropout < 0 || dropout >= 1) throw Error("backbone.dropout: {}; from 0 to less than 1 would work", dropout);
  folder = absolute(folder);
  const std::string now = checkpoint_fingerprint(folder);
  if (!fingerprint.empty() && fingerprint != now) {
    throw Error("{}: not the language model that this run was trained over (its fingerprint is {}, the run's {})", folder, now, fingerprint);
  }
  fingerprint = now;
  if (adapter.empty()) return;
  adapter = absolute(adapter);
  const AdapterOptions found = read_adapter_options(adapter);
  rank = found.rank;
  alpha = found.alpha;
  rank_stabilised = found.rank_stabilised;
  adapt = found.layers;
}

LanguageModel::LanguageModel(const Options& options, const BackboneSizes& sizes)
    : options_(options),
      frozen_(shared_decoder(options.folder, options.layers, options.storage)),
      decoder_(frozen_->sharing()),
      prompt_(prompt_tokens(options.folder, {options.instruction, options.response, options.chat}, decoder_->config().vocabulary)),
      in_(register_module("in", torch::nn::Linear(sizes.width, decoder_->config().width))) {
  if (!responds()) prompt_.behind.clear();
  if (responds() && prompt_.behind.empty()) throw Error("backbone.pool: response wants words behind the tracks; backbone.response gives them, or a chat template");
  const int64_t known = decoder_->config().positions;
  if (options.positions < 0 || options.positions > known) throw Error("backbone.positions: {}; {} knows {}", options.positions, options.folder, known);
  if (options.positions == 0) options_.positions = known;
  if (most_plays() < 1) {
    throw Error("backbone.positions: {} are no more than the {} tokens of instruction and response: there is no room for a play", options_.positions, prompt_.length());
  }
  instruction_ = read_tokens(*decoder_, prompt_.before);
  if (instruction_.defined()) instruction_ = instruction_.unsqueeze(0);
  response_ = read_tokens(*decoder_, prompt_.behind);
  if (options.head == "tied") out_ = register_module("out", torch::nn::Linear(decoder_->config().width, sizes.width));
  {
    // A play's vector has length 1 or so, whatever its width; what is read for it is to be as loud as a token.
    const at::NoGradGuard no_grad;
    in_->weight.copy_(at::randn(in_->weight.sizes()) * loudness(*decoder_));
    in_->bias.zero_();
  }
  if (options.rank > 0) make_adapter();
}

void LanguageModel::make_adapter() {
  const auto seed = static_cast<uint64_t>(at::randint(int64_t{1} << 62, {1}, at::kLong).item<int64_t>());
  if (options_.adapter.empty()) add_adapter(*decoder_, adapter_of(options_), seed);
  else load_adapter(*decoder_, options_.adapter, options_.dropout, options_.fingerprint);
  for (auto& [name, weight] : adapter_weights(*decoder_)) {
    std::string plain = name;  // a module's names have no dots
    std::replace(plain.begin(), plain.end(), '.', '_');
    register_parameter(plain, weight);
  }
}

BackboneWeights LanguageModel::weights(const Options& options, const BackboneSizes& sizes) {
  const DecoderConfig config = read_decoder_config(options.folder);
  const int64_t layers = options.layers == 0 ? config.layers : std::min(options.layers, config.layers);
  const Storage storage = storage_named(options.storage).value_or(Storage::f32);
  BackboneWeights all;
  for (int which = 0; which < LayerWeights::count; ++which) {
    const auto shape = LayerWeights::shape(config, static_cast<LayerWeights::Linear>(which));
    all.frozen += layers * shape.out * shape.in;
    const bool adapted = std::any_of(options.adapt.begin(), options.adapt.end(), [&](const auto& name) { return std::string(LayerWeights::names[static_cast<size_t>(which)]).ends_with(name); });
    if (adapted) all.learned += layers * options.rank * (shape.out + shape.in);
  }
  const double bytes_each = storage == Storage::f32 ? 4 : storage == Storage::bf16 ? 2 : storage == Storage::int8 ? 1 : 0.52;
  all.frozen_bytes = static_cast<int64_t>(bytes_each * static_cast<double>(all.frozen));
  all.learned += (options.head == "tied" ? 2 : 1) * sizes.width * config.width;
  return all;
}

int64_t LanguageModel::most_plays() const { return options_.positions - prompt_.length() - options_.told * tokens_of_a_line; }

Teller LanguageModel::teller(const Options& options, const Texts& artist, const Texts& title) {
  if (options.told == 0) return {};
  const std::shared_ptr<const Tokenizer> tokenizer = open_tokenizer(options.folder);
  return [tokenizer, plays = options.told, &artist, &title](const Log& log, const Window& window) {
    std::vector<std::vector<int32_t>> lines;
    for (int64_t play = std::max(window.begin, window.end - plays); play < window.end; ++play) {
      const auto i = static_cast<size_t>(play), j = static_cast<size_t>(log.track[i]);
      std::string line = fmt::format("\n{}. '{}' by {}", lines.size() + 1, title[j], artist[j]);
      if (log.completion_kind[i] != CompletionKind::unknown) line += fmt::format("  [completion: {:.2f}]", log.completion[i]);
      lines.push_back(tokenizer->encode(line, false));
    }
    size_t room = static_cast<size_t>(plays * tokens_of_a_line), first = lines.size();
    while (first > 0 && lines[first - 1].size() <= room) room -= lines[--first].size();  // the oldest go
    std::vector<int32_t> words;
    for (size_t k = first; k < lines.size(); ++k) words.insert(words.end(), lines[k].begin(), lines[k].end());
    return words;
  };
}

std::vector<Tensor> LanguageModel::preface() {
  if (!instruction_.defined()) return {};
  KeyValues read;
  // Without noise, for noise is by row, and this is read once for all.
  decoder_->forward({.vectors = instruction_, .into = &read, .keys_only = true, .recompute = options_.recompute});
  std::vector<Tensor> all;
  for (size_t i = 0; i < read.key.size(); ++i) all.insert(all.end(), {read.key[i], read.value[i]});
  return all;
}

KeyValues LanguageModel::past_of(const Batch& batch) {
  KeyValues past;
  const auto read = batch.preface.empty() ? preface() : batch.preface;
  for (size_t i = 0; i < read.size() / 2; ++i) past.set(i, {read[2 * i], read[2 * i + 1]});
  return past;
}

Tensor LanguageModel::states_at(const Batch& batch, const Tensor& plays, const Tensor& places) {
  const KeyValues past = past_of(batch);
  Decoder::Input input{.vectors = in_(plays), .noise = batch.noise.get(), .past = &past, .recompute = options_.recompute};
  input.read = places.cpu();
  if (responds() || !batch.words.empty()) {
    const int64_t B = plays.size(0), T = plays.size(1), H = input.vectors.size(2);
    const auto device = plays.device();
    PromptSizes sizes;
    sizes.past = past.length();
    sizes.tracks = T;
    sizes.response = response_.defined() ? response_.size(0) : 0;
    const Tensor plays_of = batch.played.sum(1).cpu();
    for (int64_t b = 0; b < B; ++b) sizes.plays.push_back(plays_of[b].item<int64_t>());
    std::vector<int32_t> words;
    for (const auto& row : batch.words) {
      sizes.words.push_back(std::ssize(row));
      words.insert(words.end(), row.begin(), row.end());
    }
    std::vector<Tensor> from;
    if (response_.defined()) from.push_back(response_);
    if (!words.empty()) from.push_back(decoder_->vectors_of(tensor_of(words, {std::ssize(words)}).to(device).to(at::kLong)));
    from.push_back(input.vectors.reshape({B * T, H}));
    const PromptRows rows = prompt_rows(sizes, input.read);
    input.vectors = at::cat(from).index_select(0, rows.source.view({-1}).to(device)).view({B, -1, H});
    input.positions = rows.positions.to(device);
    input.visible = rows.visible.to(device);
    input.read = rows.read;
  }
  const Tensor states = decoder_->forward(input);
  return out_.is_empty() ? states : out_(states);
}

Tensor LanguageModel::forward(const Batch& batch, const Tensor& plays) {
  const int64_t B = plays.size(0), T = plays.size(1);
  return states_at(batch, plays, at::arange(B * T)).view({B, T, -1});
}

Tensor LanguageModel::go_on(const Batch& batch, const Tensor& plays, std::span<Recollection* const> rows) {
  TORCH_CHECK(recollects() && std::ssize(rows) == plays.size(0), "LanguageModel::go_on: ", rows.size(), " recollections for ", plays.size(0), " rows");
  const at::NoGradGuard no_grad;
  const KeyValues shared = past_of(batch);
  ResumeSizes sizes{.shared = shared.length()};
  const Tensor lengths = batch.played.sum(1).cpu();
  std::vector<Tensor> all, kept, fresh;
  for (size_t b = 0; b < rows.size(); ++b) {
    const int64_t n = lengths[static_cast<int64_t>(b)].item<int64_t>();
    const Tensor own = plays[static_cast<int64_t>(b)].narrow(0, 0, n);
    sizes.kept.push_back(std::min(n - 1, alike(rows[b]->plays, own)));  // the last one is read again, for its state
    sizes.fresh.push_back(n - sizes.kept.back());
    kept.push_back(rows[b]->inside);
    fresh.push_back(own.narrow(0, sizes.kept.back(), sizes.fresh.back()));
    all.push_back(own);
  }
  const ResumeRows how = resume_rows(sizes);
  const KeyValues past = resumed_past(shared, kept, sizes);
  KeyValues read;
  const auto device = plays.device();
  Decoder::Input input{.vectors = in_(at::pad_sequence(fresh, true)), .past = &past, .into = &read};
  input.positions = how.positions.to(device);
  input.visible = how.visible.to(device);
  input.read = how.last;
  const Tensor states = decoder_->forward(input);
  for (size_t b = 0; b < rows.size(); ++b) {
    rows[b]->inside = kept_of(read, static_cast<int64_t>(b), sizes);
    rows[b]->plays = all[b].clone();
    rows[b]->read += sizes.fresh[b];
  }
  return out_.is_empty() ? states : out_(states);
}

void LanguageModel::write_beside(const Path& folder) const {
  if (options_.rank > 0) save_adapter(*decoder_, adapter_of(options_), folder / "adapter", options_.folder, options_.fingerprint);
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
  for (Tensor* one : {&instruction_, &response_}) {
    if (one->defined()) *one = one->to(options);
  }
}

}  // namespace segue
