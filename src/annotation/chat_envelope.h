#pragma once

#include <optional>
#include <string>

#include "annotation/chat_model.h"

namespace segue {

/// What a server's JSON about a chat says.
struct ChatEnvelope {
  std::optional<ChatAnswer> answer;  // none: it is no answer
  std::string error;                 // in the server's words
  std::string named;                 // the parameter or the kind of error that it names: "response_format", "insufficient_quota"
  long status = 0;                   // that it names in an error; 0 where it does not
};

/// Where a model refused, or a filter kept its answer back, or it said nothing, the answer's text is empty: it was given and
/// may have cost. Never throws; a body that is no JSON is an error of those words.
ChatEnvelope read_envelope(const std::string& body);

}  // namespace segue
