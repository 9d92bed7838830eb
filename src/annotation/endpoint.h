#pragma once

#include <string>
#include <string_view>

#include "core/files.h"

namespace segue {

/// Where a language model is asked over HTTP.
struct Endpoint {
  std::string url;    // of its chat completions, whole
  std::string where;  // "api.example.com", "127.0.0.1:8080": what a person may read; the rest of a URL can hold secrets
  bool tls = false;
  bool loopback = false;  // this machine: 127.0.0.0/8, ::1, localhost
};

/// Takes http://127.0.0.1:8080, …/v1, …/v1/chat/completions; a query stays as it is. Throws Error where the text is no
/// such URL, has another scheme, or a user and password in it.
Endpoint read_endpoint(const std::string& url);

/// A key from a file, if one is named, else from a variable of the environment; empty where that is not set. Throws Error,
/// which does not quote it, where it is not one line of visible ASCII.
std::string read_key(const std::string& variable, const Path& file);

/// Throws Error where the key could be read on its way, or can't be a key.
void check_key(const Endpoint& endpoint, const std::string& key);

/// The text without the key: every piece of it that has eight characters or more, in either case, becomes "[key]".
std::string without_key(std::string_view text, std::string_view key);

}  // namespace segue
