#include "annotation/endpoint.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "core/console.h"
#include "core/error.h"

namespace segue {
namespace {

constexpr const char* would_work = "write http://127.0.0.1:8080 or https://HOST/v1";

using Url = std::unique_ptr<CURLU, void (*)(CURLU*)>;

/// Empty where the URL has no such part.
std::string part(const Url& url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url.get(), which, &text, 0) != CURLUE_OK) return {};
  const std::string copy = text;
  curl_free(text);
  return copy;
}

/// As it was given, without what may be secret.
std::string shown(const std::string& url) {
  if (url.find('@') != std::string::npos) return "the URL";
  return printable(url.substr(0, std::min<size_t>(url.find_first_of("?#"), 200)));
}

bool is_loopback(const std::string& host) {
  if (host == "localhost" || host == "[::1]") return true;
  in_addr address{};  // libcurl has written an IPv4 number in full
  return host.starts_with("127.") && ::inet_pton(AF_INET, host.c_str(), &address) == 1;
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::string chat_path(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  if (path.empty()) path = "/v1";
  return path.ends_with("/chat/completions") ? path : path + "/chat/completions";
}

std::string trimmed(const std::string& text) {
  const size_t from = text.find_first_not_of(" \t\r\n");
  return from == std::string::npos ? "" : text.substr(from, text.find_last_not_of(" \t\r\n") + 1 - from);
}

bool is_key(const std::string& key) {
  return std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

}  // namespace

Endpoint read_endpoint(const std::string& text) {
  const Url url(curl_url(), curl_url_cleanup);
  const CURLUcode bad = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME);
  if (bad != CURLUE_OK || text.find('\0') != std::string::npos) {
    throw Error("{}: no address of a server ({}); {}", shown(text), curl_url_strerror(bad), would_work);
  }
  if (!part(url, CURLUPART_USER).empty() || !part(url, CURLUPART_PASSWORD).empty()) {
    throw Error("the URL has a user or a password in it, which logs would show; give a key by a file or the environment");
  }
  const std::string scheme = part(url, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") throw Error("{}: neither http nor https; {}", shown(text), would_work);
  const std::string host = lower(part(url, CURLUPART_HOST)), port = part(url, CURLUPART_PORT);
  curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);
  curl_url_set(url.get(), CURLUPART_PATH, chat_path(part(url, CURLUPART_PATH)).c_str(), 0);
  return {part(url, CURLUPART_URL), printable(port.empty() ? host : host + ":" + port), scheme == "https", is_loopback(host)};
}

std::string read_key(const std::string& variable, const Path& file) {
  const char* set = file.empty() && !variable.empty() ? std::getenv(variable.c_str()) : nullptr;
  if (file.empty() && set == nullptr) return {};
  const std::string key = trimmed(file.empty() ? set : read_file(file));
  if (key.empty() && file.empty()) return {};
  const std::string where = file.empty() ? "the variable " + variable : file.string();
  if (key.empty()) throw Error("{}: no key in it; its one line has to be the key", where);
  if (!is_key(key)) throw Error("{}: no key: more than one line, blanks, or characters that no key has", where);
  return key;
}

void check_key(const Endpoint& endpoint, const std::string& key) {
  if (!is_key(key)) throw Error("the key has blanks or characters that no key has");
  if (key.empty() || endpoint.tls || endpoint.loopback) return;
  throw Error("http://{}: anybody on the way could read the key; use https://, or ask without a key", endpoint.where);
}

std::string without_key(std::string_view text, std::string_view key) {
  if (key.empty()) return std::string(text);
  const std::string low = lower(std::string(text)), secret = lower(std::string(key));
  const size_t least = std::min<size_t>(8, secret.size());
  std::string out;
  for (size_t at = 0; at < text.size();) {
    size_t longest = 0;
    for (size_t from = 0; from + least <= secret.size(); ++from) {
      size_t same = 0;
      while (from + same < secret.size() && at + same < low.size() && low[at + same] == secret[from + same]) ++same;
      longest = std::max(longest, same);
    }
    if (longest >= least) {
      out += "[key]";
      at += longest;
    } else {
      out += text[at++];
    }
  }
  return out;
}

}  // namespace segue
