#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/error.h"

namespace segue {

/// What a language model is asked: a conversation whose last word is the user's, and the shape of the answer.
struct ChatRequest {
  struct Turn {
    std::string role;  // system, user, assistant
    std::string text;
  };
  std::vector<Turn> turns;  // the first is the system's; it is the same in request after request
  /// A JSON schema of objects whose properties are all required, enums, anyOf of enums, and strings; `$defs` and `$ref` to
  /// them. The same for all requests of a kind, so that servers prepare it once. Outlives the request.
  const nlohmann::ordered_json* schema = nullptr;
  std::vector<std::string> strings = {};  // what the answer's strings that are no enum have to be, in their order
  int64_t longest = 0;                    // tokens of the answer
  double temperature = 0;
  uint64_t seed = 0;
  /// Called before the request is sent once more although an earlier attempt may have cost something; what it throws ends it.
  std::function<void()> before_paying_again = {};
};

struct ChatAnswer {
  std::string text;
  bool whole = true;             // false: it was cut at `longest`
  int64_t prompt_tokens = -1;    // as the server says; -1 where it does not
  int64_t answer_tokens = -1;
  int64_t lost = 0;              // earlier attempts that were sent whole and whose answers never came: they may cost
};

/// A request got no answer.
class ChatFailure : public Error {
 public:
  enum class Kind {
    request,  // of this request alone: others may be answered
    all,      // none will be answered: go on another time
  };
  ChatFailure(Kind kind, int64_t lost, const std::string& why) : Error("{}", why), kind(kind), lost(lost) {}
  Kind kind;
  int64_t lost;  // as ChatAnswer::lost
};

/// Somebody who answers: a server, or a model in this process. Several threads may ask.
class ChatModel {
 public:
  virtual ~ChatModel() = default;
  /// Throws ChatFailure.
  virtual ChatAnswer ask(const ChatRequest& request) = 0;
  /// Where requests go, for the person who pays: "api.example.com", "this machine".
  virtual std::string where() const = 0;
};

}  // namespace segue
