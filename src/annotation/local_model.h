#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "annotation/chat_model.h"
#include "core/files.h"

namespace segue {

/// A language model of a folder in the layout of Hugging Face, which answers here, through Segue's own decoder. What it says is
/// held to the schema token by token, so every answer is one that the schema allows. One request at a time.
class LocalModel : public ChatModel {
 public:
  struct Options {
    Path folder;
    std::string storage = {};      // of the layers: f32, bf16, int8, nf4; empty: as the folder was quantised, else f32
    std::string device = "cpu";
  };
  /// What it has done so far.
  struct Work {
    int64_t requests = 0, passes = 0;
    int64_t read = 0;              // tokens, those of ways not taken included
    int64_t answered = 0;          // tokens of answers
    int64_t forced = 0;            // of these, such that the schema left no choice
    int64_t choices = 0;
  };

  /// Layers lie as LayerRoom::asked_for() says. Throws Error: no model there that the decoder reads, no such storage or device.
  explicit LocalModel(const Options& options);
  ~LocalModel() override;

  /// Throws ChatFailure: a conversation that is longer than the model's positions (of this request alone); a template, tokenizer
  /// or weights that can't be used.
  ChatAnswer ask(const ChatRequest& request) override;
  std::string where() const override { return "this machine"; }
  Work work() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace segue
