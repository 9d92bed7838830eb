#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "annotation/back_off.h"
#include "annotation/chat_model.h"
#include "annotation/dialect.h"
#include "annotation/endpoint.h"
#include "core/pool.h"

namespace segue {

/// A server that speaks OpenAI's /v1/chat/completions: llama-server, vLLM, Ollama, hosted ones.
///
///  * What it does not take of a request is left out or said another way (annotation/dialect.h).
///  * 408, 429, 5xx, time-outs, cut connections and bodies that are no answers are tried again after growing pauses; what
///    Retry-After says is kept by all threads. A run of failures ends it for all.
///  * 401, 403, a model that is not there, a certificate that is not trusted, a redirect (never followed): for all, at once.
///  * The key goes to the named host alone, over TLS or to this machine, and into no error.
class ChatClient : public ChatModel {
 public:
  struct Options {
    std::string url = {}, model = {};
    std::string key = {};          // empty: none is sent
    std::string proxy = {};        // empty: as the environment says; none to this machine itself
    std::string ca_file = {};      // certificates that are trusted; empty: the system's
    double connect_timeout_s = 10, timeout_s = 120;
    int most_tries = 6;            // of one request
    double longest_wait_s = 600;   // a Retry-After beyond it ends all
    BackOff::Options back_off = {};
  };
  /// Throws Error: an endpoint that is none, a key that would be sent where others can read it.
  explicit ChatClient(Options options);
  ~ChatClient() override;

  ChatAnswer ask(const ChatRequest& request) override;
  std::string where() const override { return endpoint_.host(); }
  Dialect dialect() const;

 private:
  struct Handle;
  struct Reply;
  struct Trouble;

  Reply send(const std::string& body, int64_t longest) const;
  Trouble trouble_of(const Reply& reply) const;
  bool adapt(const Reply& reply, const Dialect& used);
  std::string quoted(const std::string& text) const;

  Options options_;
  Endpoint endpoint_;
  mutable BackOff back_off_;
  mutable std::mutex mutex_;
  Dialect dialect_;
  Pool<Handle> handles_;
};

}  // namespace segue
