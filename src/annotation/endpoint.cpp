#include "annotation/endpoint.h"

#include <curl/curl.h>

#include <cstdlib>
#include <memory>
#include <string_view>

#include "core/console.h"
#include "core/error.h"

namespace segue {
namespace {

constexpr size_t shortest_part = 8;  // of a key that is worth hiding

struct Address {
  std::unique_ptr<CURLU, void (*)(CURLU*)> parsed{curl_url(), curl_url_cleanup};

  std::string part(CURLUPart which, unsigned flags = 0) const {
    char* text = nullptr;
    if (curl_url_get(parsed.get(), which, &text, flags) != CURLUE_OK) return {};
    const std::string kept = text;
    curl_free(text);
    return kept;
  }
};

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "[::1]" || host == "::1" || (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos);
}

std::string whole_path(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  if (path.ends_with("/chat/completions")) return path;
  // A path of its own, such as a proxy's, is taken to lead to what "/v1" does elsewhere.
  return (path.empty() ? "/v1" : path) + "/chat/completions";
}

}  // namespace

Endpoint::Endpoint(const std::string& url) {
  const auto refuse = [&](const std::string& why) { throw Error("endpoint '{}': {}; http://127.0.0.1:8080 or https://HOST/v1 would do", printable(url), why); };
  Address address;
  // Without a scheme curl would take "localhost:8080" for one.
  if (url.find("://") == std::string::npos) refuse("neither http:// nor https://");
  if (curl_url_set(address.parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) refuse("no address");
  const std::string scheme = address.part(CURLUPART_SCHEME), host = address.part(CURLUPART_HOST);
  if (scheme != "http" && scheme != "https") refuse("neither http:// nor https://");
  if (host.empty()) refuse("no host");
  if (!address.part(CURLUPART_USER).empty() || !address.part(CURLUPART_PASSWORD).empty()) {
    throw Error("the endpoint holds a name or a password: keys are read from the environment or a file");
  }
  tls_ = scheme == "https";
  loopback_ = is_loopback(host);
  const std::string port = address.part(CURLUPART_PORT);
  host_ = port.empty() ? host : host + ":" + port;
  curl_url_set(address.parsed.get(), CURLUPART_PATH, whole_path(address.part(CURLUPART_PATH)).c_str(), 0);
  curl_url_set(address.parsed.get(), CURLUPART_FRAGMENT, nullptr, 0);
  url_ = address.part(CURLUPART_URL);
}

std::string read_key(const std::string& environment, const Path& file) {
  std::string key, where;
  if (!file.empty()) {
    key = read_file(file);
    where = file.string();
  } else if (const char* const value = std::getenv(environment.c_str()); value != nullptr) {
    key = value;
    where = environment;
  }
  if (where.empty()) return {};
  constexpr const char* blanks = " \t\r\n";
  const size_t begin = key.find_first_not_of(blanks);
  if (begin == std::string::npos) throw Error("{}: holds no key", where);
  key = key.substr(begin, key.find_last_not_of(blanks) - begin + 1);
  for (const char c : key) {
    if (c <= ' ' || c > '~') throw Error("{}: a key is one word of letters, digits and signs; this has other characters", where);
  }
  return key;
}

std::string without_key(std::string text, const std::string& key) {
  const size_t part = std::min(shortest_part, key.size());
  if (part == 0) return text;
  for (size_t i = 0; i + part <= key.size(); ++i) {
    for (size_t at = text.find(key.substr(i, part)); at != std::string::npos; at = text.find(key.substr(i, part), at)) {
      size_t end = at + part;
      while (end < text.size() && i + (end - at) < key.size() && text[end] == key[i + (end - at)]) ++end;
      text.replace(at, end - at, "[key]");
      at += 5;
    }
  }
  return text;
}

}  // namespace segue
