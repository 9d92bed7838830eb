#pragma once

#include <torch/nn/modules/linear.h>

#include "backbones/backbone.h"
#include "language/adapter.h"
#include "language/prompt.h"

namespace segue {

/// A language model that reads vectors of tracks behind an instruction in words, as E4SRec does (Li et al., 2023,
/// arXiv:2312.02443): a play's vector is projected to what the model reads for a token, and the model's state answers. The
/// model is frozen but for its adapter.
/// Differs: every play is a target; what is projected begins as loud as the model's own tokens; a state is projected back
/// to be compared with the vectors that are read (`head: tied`); the instruction is read once for all rows of a step, with
/// its gradient.
class LanguageModel : public Backbone {
 public:
  struct Options {
    std::string folder;       // of the model, in the layout of Hugging Face; absolute, as settle() makes it
    std::string fingerprint;  // of what is in it: a run is not gone on with over another model
    int64_t layers = 0;       // the first so many are kept; 0: all
    std::string storage;      // of the frozen layers: f32, bf16, int8, nf4; empty: as the folder was quantised, else f32
    bool chat = true;         // the words as the checkpoint's own chat template has them, where it has one
    std::string instruction = "These are the tracks that someone has listened to, from the oldest to the latest. Which track comes next?";
    std::string response;     // stands behind the tracks, with pool: response
    std::string pool = "positions";  // the state at a play's own place answers; response: the one behind words after it, as E4SRec's
    std::string head = "tied";       // classifier: tracks are scored by vectors of their own, as wide as a state, as E4SRec's
    int64_t positions = 0;    // at most: instruction and response are kept, the oldest plays go; 0: as many as the model knows
    int64_t told = 0;         // last plays that are told in words, too, in at most 24 tokens each; wants windows.targets: last
    int64_t rank = 16;        // of the adapter; 0: there is none
    double alpha = 32;
    double dropout = 0.05;    // of what the adapter reads
    bool rank_stabilised = false;
    std::vector<std::string> adapt = AdapterOptions().layers;
    std::string adapter;      // a folder of PEFT's that the adapter begins as; it says rank, alpha, … then
    bool recompute = false;   // activations are worked out once more for the gradient, layer by layer, instead of kept
    template <class V>
    void fields(V&& field) {
      field("folder", folder);
      field("fingerprint", fingerprint);
      field("layers", layers);
      field("storage", storage);
      field("chat", chat);
      field("instruction", instruction);
      field("response", response);
      field("pool", pool);
      field("head", head);
      field("positions", positions);
      field("told", told);
      field("rank", rank);
      field("alpha", alpha);
      field("dropout", dropout);
      field("rank_stabilised", rank_stabilised);
      field("adapt", adapt);
      field("adapter", adapter);
      field("recompute", recompute);
    }
    /// Makes folders absolute, takes down what is in them, and throws Error on what can't be.
    void settle();
  };
  /// Throws Error: no model in the folder, a damaged one, no room for a single play.
  LanguageModel(const Options& options, const BackboneSizes& sizes);
  Tensor forward(const Batch& batch, const Tensor& plays) override;
  Tensor states_at(const Batch& batch, const Tensor& plays, const Tensor& places) override;
  /// Keys and values of the instruction, layer by layer.
  std::vector<Tensor> preface() override;
  /// Keys and values of the plays are kept, so that one more costs one token.
  bool recollects() const override { return !responds() && options_.told == 0; }
  Tensor go_on(const Batch& batch, const Tensor& plays, std::span<Recollection* const> rows) override;
  int64_t own_width() const override { return out_.is_empty() ? decoder_->config().width : 0; }
  int64_t most_plays() const override;
  bool is_told() const override { return options_.told > 0; }
  /// 'title' by artist [completion: 0.87], a line for each of the last plays, oldest first (the paper, §3); null: none.
  static Teller teller(const Options& options, const Texts& artist, const Texts& title);
  bool reads_whole_logs() const override { return false; }
  /// From the config.json alone.
  static BackboneWeights weights(const Options& options, const BackboneSizes& sizes);
  /// adapter/, which PEFT loads over the same model.
  void write_beside(const Path& folder) const override;

  using torch::nn::Module::to;
  void to(at::Device device, at::ScalarType type, bool non_blocking = false) override;
  void to(at::Device device, bool non_blocking = false) override;
  void to(at::ScalarType type, bool non_blocking = false) override;

 private:
  void follow(const at::TensorOptions& options);  // the frozen weights, which are no parameters

  void make_adapter();
  bool responds() const { return options_.pool == "response"; }
  /// Keys and values of the instruction: the batch's, or read now.
  KeyValues past_of(const Batch& batch);

  Options options_;
  std::shared_ptr<Decoder> frozen_;   // of all models of this process that read it
  std::shared_ptr<Decoder> decoder_;  // over the same weights, with adapters of its own
  PromptTokens prompt_;
  Tensor instruction_, response_;  // float [1, P, H], [R, H]; undefined where there is none
  torch::nn::Linear in_, out_{nullptr};  // out: none where states are scored as they are
};

}  // namespace segue
