#pragma once

#include <string>

#include "core/files.h"

namespace segue {

/// Where a server of language models is asked.
class Endpoint {
 public:
  /// "http://127.0.0.1:8080", "https://HOST/v1", "https://HOST/v1/chat/completions?api-version=…": what is missing of the path is
  /// added. Throws Error: no http or https, no host, a name or password in it.
  explicit Endpoint(const std::string& url);

  const std::string& url() const { return url_; }
  /// With its port where that is unusual.
  const std::string& host() const { return host_; }
  /// This machine itself.
  bool loopback() const { return loopback_; }
  /// A key may be sent there: nobody on the way can read it.
  bool private_way() const { return tls_ || loopback_; }

 private:
  std::string url_, host_;
  bool tls_ = false, loopback_ = false;
};

/// The key of a server: a file's one line, or else what an environment variable holds; empty where there is neither. Throws Error
/// where that is no key, without quoting it.
std::string read_key(const std::string& environment, const Path& file);

/// A text without a key and without any part of it of eight characters.
std::string without_key(std::string text, const std::string& key);

}  // namespace segue
