#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/files.h"

namespace segue {

/// How a checkpoint's chat template writes a conversation.
class ChatProgram {
 public:
  struct Said {
    std::string role, text;
  };

  /// chat_template.jinja, or what tokenizer_config.json has; of several that have names, the one called default. Throws Error
  /// where that file is damaged.
  explicit ChatProgram(const Path& folder);
  /// Whether the folder has one.
  bool known() const { return !program_.empty(); }
  /// answers: up to where the model is to speak. Throws Error where the template can't be read, or refuses.
  std::string written(const std::vector<Said>& conversation, bool answers) const;

 private:
  std::string program_;
  std::map<std::string, std::string> special_;  // tokens by name
};

}  // namespace segue
