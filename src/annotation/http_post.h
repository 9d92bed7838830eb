#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace segue {

/// What came of a request over HTTP.
struct HttpReply {
  enum class End {
    answered,   // a whole answer, of any status
    cut,        // none: no connection, or it broke, hung, or brought something that is not HTTP
    untrusted,  // the server does not prove that it is who it should be
    hopeless,   // the same would happen again, for a reason that lies on this side
    too_long,   // the answer is longer than what was to be expected
  };
  End end = End::cut;
  long status = 0;
  std::string body;
  std::string location, retry_after, retry_after_ms;  // headers
  std::string error;  // why it was not answered
  int64_t lost = 0;   // how often the request was sent whole and no whole answer came
};

/// A connection that posts JSON to one address, and is kept between requests. One thread at a time.
/// No redirect is followed, and nothing of ~/.netrc or of cookies is sent.
class HttpPost {
 public:
  struct Options {
    std::string url;
    std::string key;           // sent as a bearer's, where not empty
    std::string proxy;         // empty: the environment's
    bool may_use_proxy = true;  // false: neither
    std::string ca_file;       // empty: the system's
    std::chrono::milliseconds connect{10'000}, whole{120'000};  // time-outs
  };
  explicit HttpPost(const Options& options);
  ~HttpPost();
  HttpPost(const HttpPost&) = delete;
  HttpPost& operator=(const HttpPost&) = delete;

  /// most: bytes of the answer, unpacked.
  HttpReply post(const std::string& body, size_t most);

 private:
  struct Curl;
  std::unique_ptr<Curl> curl_;
};

}  // namespace segue
