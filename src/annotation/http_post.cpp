#include "annotation/http_post.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <new>
#include <stdexcept>
#include <string_view>

namespace segue {
namespace {

/// Writing to a connection that the other side has closed must not end the program.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoBrokenPipe() {
    if (sigismember(&before_, SIGPIPE) == 1) return;
    const timespec at_once{};
    while (sigtimedwait(&pipe_, nullptr, &at_once) > 0) {}
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

 private:
  sigset_t pipe_{}, before_{};
};

struct Reading {
  HttpReply reply;
  size_t left = 0;  // bytes that may still come, headers and body
  int64_t begun = 0;  // how often the request was begun: libcurl sends it again where a kept connection turns out to be closed
  bool too_long = false;

  bool takes(size_t bytes) {
    too_long = too_long || bytes > left;
    left -= too_long ? 0 : bytes;
    return !too_long;
  }
};

size_t take_body(char* data, size_t, size_t bytes, void* reading) {
  auto& to = *static_cast<Reading*>(reading);
  if (!to.takes(bytes)) return 0;
  to.reply.body.append(data, bytes);
  return bytes;
}

size_t take_header(char* data, size_t, size_t bytes, void* reading) {
  auto& to = *static_cast<Reading*>(reading);
  if (!to.takes(bytes)) return 0;
  const std::string_view line(data, bytes);
  const auto keep = [&](std::string_view name, std::string& value) {
    if (line.size() <= name.size() || line[name.size()] != ':' || ::strncasecmp(data, name.data(), name.size()) != 0) return;
    const size_t from = line.find_first_not_of(" \t", name.size() + 1), last = line.find_last_not_of(" \t\r\n");
    value = from == std::string_view::npos || last < from ? "" : std::string(line.substr(from, last + 1 - from));
  };
  keep("location", to.reply.location);
  keep("retry-after", to.reply.retry_after);
  keep("retry-after-ms", to.reply.retry_after_ms);
  return bytes;
}

int begins(void* reading, char*, char*, int, int) {
  ++static_cast<Reading*>(reading)->begun;
  return CURL_PREREQFUNC_OK;
}

void start_libcurl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::runtime_error("curl_global_init failed");
}

HttpReply::End end_of(CURLcode code, long proxy_status, const char* text, const HttpReply& reply) {
  if (std::string_view(text).starts_with("Unsupported proxy")) return HttpReply::End::hopeless;
  switch (code) {
    case CURLE_OK: return HttpReply::End::answered;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CACERT_BADFILE: return HttpReply::End::untrusted;
    case CURLE_SSL_CONNECT_ERROR:
      return std::strstr(text, "wrong version number") != nullptr ? HttpReply::End::hopeless : HttpReply::End::cut;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_URL_MALFORMAT:
    case CURLE_OUT_OF_MEMORY: return HttpReply::End::hopeless;
    case CURLE_UNSUPPORTED_PROTOCOL: return reply.status == 0 && reply.lost == 0 ? HttpReply::End::hopeless : HttpReply::End::cut;
    default: return proxy_status >= 400 && proxy_status < 500 ? HttpReply::End::hopeless : HttpReply::End::cut;
  }
}

std::string error_of(CURLcode code, HttpReply::End end, long proxy_status, const char* text) {
  if (end == HttpReply::End::hopeless) {
    if (code == CURLE_SSL_CONNECT_ERROR) return "it speaks no TLS; is it to be asked by http://?";
    // libcurl's own words quote the proxy, with the password that may be in it.
    return proxy_status == 0 ? "the proxy's address can't be used" : "the proxy answered " + std::to_string(proxy_status);
  }
  return text[0] != '\0' ? text : curl_easy_strerror(code);
}

}  // namespace

struct HttpPost::Curl {
  CURL* easy = curl_easy_init();
  curl_slist* headers = nullptr;
  char text[CURL_ERROR_SIZE] = {};

  template <class Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(easy, option, value) != CURLE_OK) throw std::runtime_error("HttpPost: libcurl does not know an option");
  }
  void header(const std::string& line) {
    curl_slist* longer = curl_slist_append(headers, line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    headers = longer;
  }
  ~Curl() {
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
  }
};

HttpPost::HttpPost(const Options& options) {
  start_libcurl();
  curl_ = std::make_unique<Curl>();
  auto& curl = *curl_;
  if (curl.easy == nullptr) throw std::bad_alloc();
  curl.header("Content-Type: application/json");
  curl.header("Accept: application/json");
  curl.header("Expect:");  // a long request is sent at once too
  if (!options.key.empty()) curl.header("Authorization: Bearer " + options.key);
  curl.set(CURLOPT_URL, options.url.c_str());
  curl.set(CURLOPT_HTTPHEADER, curl.headers);
  curl.set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));  // a proxy that only passes on bytes gets none of them
  curl.set(CURLOPT_USERAGENT, "segue");
  curl.set(CURLOPT_ACCEPT_ENCODING, "gzip");
  curl.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl.set(CURLOPT_POST, 1L);
  curl.set(CURLOPT_FOLLOWLOCATION, 0L);
  curl.set(CURLOPT_NOSIGNAL, 1L);
  curl.set(CURLOPT_TCP_KEEPALIVE, 1L);
  curl.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect.count()));
  curl.set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.whole.count()));
  curl.set(CURLOPT_ERRORBUFFER, curl.text);
  if (!options.may_use_proxy) curl.set(CURLOPT_PROXY, "");
  else if (!options.proxy.empty()) curl.set(CURLOPT_PROXY, options.proxy.c_str());
  if (!options.ca_file.empty()) {
    curl.set(CURLOPT_CAINFO, options.ca_file.c_str());
    curl.set(CURLOPT_PROXY_CAINFO, options.ca_file.c_str());
  }
  curl.set(CURLOPT_WRITEFUNCTION, take_body);
  curl.set(CURLOPT_HEADERFUNCTION, take_header);
  curl.set(CURLOPT_PREREQFUNCTION, begins);
}

HttpPost::~HttpPost() = default;

HttpReply HttpPost::post(const std::string& body, size_t most) {
  const NoBrokenPipe safe;
  auto& curl = *curl_;
  Reading reading;
  reading.left = most;
  curl.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl.set(CURLOPT_POSTFIELDS, body.data());
  curl.set(CURLOPT_WRITEDATA, &reading);
  curl.set(CURLOPT_HEADERDATA, &reading);
  curl.set(CURLOPT_PREREQDATA, &reading);
  curl.text[0] = '\0';
  const CURLcode code = curl_easy_perform(curl.easy);

  HttpReply& reply = reading.reply;
  curl_off_t sent = 0;
  long proxy_status = 0;
  curl_easy_getinfo(curl.easy, CURLINFO_RESPONSE_CODE, &reply.status);
  curl_easy_getinfo(curl.easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
  curl_easy_getinfo(curl.easy, CURLINFO_SIZE_UPLOAD_T, &sent);
  const bool this_lost = code != CURLE_OK && reading.begun > 0 && sent >= static_cast<curl_off_t>(body.size());
  reply.lost = std::max<int64_t>(reading.begun - 1, 0) + (this_lost ? 1 : 0);
  reply.end = reading.too_long ? HttpReply::End::too_long : end_of(code, proxy_status, curl.text, reply);
  // libcurl's own words about an unusable proxy quote it, with the password that may be in it.
  if (code != CURLE_OK) reply.error = error_of(code, reply.end, proxy_status, curl.text);
  return std::move(reply);
}

}  // namespace segue
