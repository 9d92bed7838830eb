#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "annotation/back_off.h"
#include "annotation/chat_model.h"
#include "annotation/dialect.h"
#include "annotation/endpoint.h"
#include "annotation/http_post.h"
#include "core/files.h"
#include "core/pool.h"

namespace segue {

/// Asks a server by OpenAI's /v1/chat/completions: llama-server, vLLM, Ollama, or somebody else's.
///
/// Several hundred threads may ask at once; each has a connection meanwhile, and it is kept. What fails for a reason that
/// may pass is tried again (see BackOff). The key goes to the named host alone, over TLS or on this machine, past any
/// proxy; no error and no note quotes it, nor does an answer's text.
class ChatClient : public ChatModel {
 public:
  struct Options {
    std::string url;             // see read_endpoint
    std::string model;
    std::string key = {};        // see read_key; empty: none is sent
    std::string proxy = {};      // empty: the environment's; a server on this machine is asked without one
    Path ca_file = {};           // certificates to trust instead of the system's
    std::chrono::milliseconds connect{10'000};   // time-out of a connection
    std::chrono::milliseconds whole{120'000};    // time-out of a request
    int64_t most_tries = 6;      // of a request that fails for a reason of its own
    int64_t give_up_after = 10;  // failures in a row, over all threads
    std::chrono::seconds longest_wait{600};      // that a server may ask for
    uint64_t seed = 0;           // of the waits
    std::shared_ptr<WaitClock> clock = {};       // for tests
  };
  /// Throws Error where the URL, the key or the file of certificates is none, or the key could be read on its way.
  explicit ChatClient(const Options& options);

  /// A refusal, a filtered answer and an empty one are answers with an empty text. After a failure of Kind::all every later
  /// question throws the same.
  ChatAnswer ask(const ChatRequest& request) override;
  std::string where() const override { return endpoint_.where; }
  /// What of a request the server takes, as far as is known: "response_format json_schema, max_tokens, temperature, seed".
  std::string dialect() const { return dialects_.current().words(); }

 private:
  struct Question;
  bool try_once(Question& question);
  void not_answered(Question& question, BackOff::Attempt& attempt, const HttpReply& reply);
  void not_understood(Question& question, BackOff::Attempt& attempt, const HttpReply& reply);
  void try_again(Question& question, BackOff::Attempt& attempt, const BackOff::Failed& why, bool turned_away);
  std::string words(const std::string& text) const;

  Options options_;
  Endpoint endpoint_;
  Dialects dialects_;
  BackOff back_off_;
  Pool<HttpPost> posts_;
};

}  // namespace segue
