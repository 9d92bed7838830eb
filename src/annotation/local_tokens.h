#pragma once

#include <memory>
#include <string>
#include <vector>

#include "annotation/chat_model.h"
#include "core/files.h"
#include "language/chat_program.h"
#include "text/tokenizer.h"

namespace segue {

/// Conversations and answers as tokens of a checkpoint.
class ChatTokens {
 public:
  /// Throws Error: no tokenizer there, or files that are damaged.
  explicit ChatTokens(const Path& folder);

  struct Prompt {
    std::vector<int32_t> tokens;
    size_t front = 0;  // that stand before what the user says first, whatever that is
  };
  /// As the chat template of the checkpoint has it, up to where the model speaks; "role: text" lines where there is none.
  /// Throws Error where the template refuses.
  Prompt prompt(const ChatRequest& request);

  /// Tokens of a text that stands behind other text.
  std::vector<int32_t> tokens(const std::string& text) const;
  const Tokenizer& tokenizer() const { return *tokenizer_; }

 private:
  std::string written(const std::vector<ChatProgram::Said>& conversation, bool answers) const;
  std::vector<int32_t> encoded(const std::string& text) const { return tokenizer_->encode(text, !program_.known()); }

  std::unique_ptr<Tokenizer> tokenizer_;
  ChatProgram program_;
  std::vector<int32_t> anchor_;
  std::string before_;          // what the last request says before the user does
  std::vector<int32_t> front_;  // the same as tokens
};

}  // namespace segue
