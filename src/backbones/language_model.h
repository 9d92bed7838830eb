#pragma once

#include <torch/nn/modules/linear.h>

#include "backbones/backbone.h"
#include "language/adapter.h"

namespace segue {

/// A language model that reads vectors of tracks behind an instruction in words, as E4SRec does (Li et al., 2023,
/// arXiv:2312.02443): a play's vector is projected to what the model reads for a token, and its state at the play is
/// projected back. The model is frozen but for its adapter.
/// Differs: every play is a target, so the state at its own place answers, and no words stand behind; what is projected
/// begins as loud as the model's own tokens; the instruction is read once for all rows of a batch.
class LanguageModel : public Backbone {
 public:
  struct Options {
    std::string folder;   // of the model, in the layout of Hugging Face; absolute, as the registry makes it
    int64_t layers = 0;   // the first so many are kept; 0: all
    std::string instruction = "These are the tracks that someone has listened to, from the oldest to the latest. Which track comes next?";
    int64_t rank = 16;    // of the adapter; 0: there is none
    double alpha = 32;
    double dropout = 0.05;  // of what the adapter reads
    bool rank_stabilised = false;
    std::vector<std::string> adapt = AdapterOptions().layers;
    template <class V>
    void fields(V&& field) {
      field("folder", folder);
      field("layers", layers);
      field("instruction", instruction);
      field("rank", rank);
      field("alpha", alpha);
      field("dropout", dropout);
      field("rank_stabilised", rank_stabilised);
      field("adapt", adapt);
    }
  };
  /// Throws Error: no model in the folder, a damaged one, more positions than it knows.
  LanguageModel(const Options& options, const BackboneSizes& sizes);
  Tensor forward(const Batch& batch, const Tensor& plays) override;
  /// adapter/, which PEFT loads over the same model.
  void write_beside(const Path& folder) const override;

  using torch::nn::Module::to;
  void to(at::Device device, at::ScalarType type, bool non_blocking = false) override;
  void to(at::Device device, bool non_blocking = false) override;
  void to(at::ScalarType type, bool non_blocking = false) override;

 private:
  void follow(const at::TensorOptions& options);  // the frozen weights, which are no parameters

  Options options_;
  std::shared_ptr<Decoder> frozen_;   // of all models of this process that read it
  std::shared_ptr<Decoder> decoder_;  // over the same weights, with adapters of its own
  Tensor instruction_;  // float [1, P, H]
  torch::nn::Linear in_, out_;
};

}  // namespace segue
