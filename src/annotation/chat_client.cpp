#include "annotation/chat_client.h"

#include <curl/curl.h>
#include <signal.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "core/console.h"
#include "core/progress.h"

namespace segue {
namespace {

using Json = nlohmann::json;

constexpr size_t longest_quote = 200;
constexpr int64_t bytes_a_token = 16, bytes_besides = 256 << 10;  // of the longest body that is read

void start_curl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw Error("libcurl does not start: {}", curl_easy_strerror(started));
}

/// While this lives, writing to a connection that the other side closed is an error of this thread and ends no program.
class WithoutPipeSignal {
 public:
  WithoutPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutPipeSignal() {
    const timespec at_once{};
    while (sigismember(&before_, SIGPIPE) == 0 && sigtimedwait(&pipe_, nullptr, &at_once) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutPipeSignal(const WithoutPipeSignal&) = delete;
  WithoutPipeSignal& operator=(const WithoutPipeSignal&) = delete;

 private:
  sigset_t pipe_{}, before_{};
};

/// The text of a body's first choice, as a string or as parts; nothing where it is no answer.
std::optional<ChatAnswer> answer_in(const std::string& body) {
  const Json all = Json::parse(body, nullptr, false);
  if (!all.is_object() || !all.contains("choices") || !all["choices"].is_array() || all["choices"].empty()) return std::nullopt;
  const Json& choice = all["choices"].front();
  if (!choice.is_object() || !choice.contains("message") || !choice["message"].is_object()) return std::nullopt;
  ChatAnswer answer;
  const Json content = choice["message"].value("content", Json());
  if (content.is_string()) answer.text = content.get<std::string>();
  if (content.is_array()) {
    for (const auto& part : content) {
      if (part.is_object() && part.contains("text") && part["text"].is_string()) answer.text += part["text"].get<std::string>();
    }
  }
  answer.whole = !(choice.contains("finish_reason") && choice["finish_reason"] == "length");
  const Json usage = all.value("usage", Json());
  const auto count = [&](const char* key) {
    return usage.is_object() && usage.contains(key) && usage[key].is_number_integer() ? std::max<int64_t>(usage[key].get<int64_t>(), -1) : -1;
  };
  answer.prompt_tokens = count("prompt_tokens");
  answer.answer_tokens = count("completion_tokens");
  return answer;
}

/// What a server says of its failure, of all the shapes that there are.
std::string words_of(const std::string& body) {
  const Json all = Json::parse(body, nullptr, false);
  for (const auto& path : {"/error/message", "/message", "/detail", "/error"}) {
    const Json::json_pointer at(path);
    if (all.is_object() && all.contains(at) && all[at].is_string()) return all[at].get<std::string>();
  }
  return body;
}

}  // namespace

/// A connection, which is kept for the next request.
struct ChatClient::Handle {
  CURL* curl = curl_easy_init();
  curl_slist* headers = nullptr;
  ~Handle() {
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
  }
};

struct ChatClient::Reply {
  CURLcode code = CURLE_OK;
  std::string detail;            // of libcurl's failure
  long status = 0;
  std::string body, redirect;
  std::optional<double> wait_s;  // as Retry-After says
  int64_t most = 0;              // bytes of a body
  bool too_long = false, sent = false;
};

/// Why there is no answer, and whether another try may help.
struct ChatClient::Trouble {
  enum class Helps { another_try, nothing_here, nothing_at_all } helps;
  std::string why;
  bool lost = false;
};

namespace {

size_t take_body(char* bytes, size_t, size_t count, void* into) {
  auto& reply = *static_cast<std::pair<std::string*, std::pair<int64_t, bool*>>*>(into);
  if (static_cast<int64_t>(reply.first->size() + count) > reply.second.first) {
    *reply.second.second = true;
    return 0;
  }
  reply.first->append(bytes, count);
  return count;
}

}  // namespace

ChatClient::ChatClient(Options options)
    : options_(std::move(options)), endpoint_(options_.url), back_off_(options_.back_off), handles_([this] {
        auto made = std::make_unique<Handle>();
        if (made->curl == nullptr) throw Error("libcurl has no memory for a connection");
        made->headers = curl_slist_append(made->headers, "Content-Type: application/json");
        made->headers = curl_slist_append(made->headers, "Expect:");
        if (!options_.key.empty()) made->headers = curl_slist_append(made->headers, ("Authorization: Bearer " + options_.key).c_str());
        const auto set = [&](auto option, auto value) { curl_easy_setopt(made->curl, option, value); };
        set(CURLOPT_URL, endpoint_.url().c_str());
        set(CURLOPT_HTTPHEADER, made->headers);
        set(CURLOPT_POST, 1L);
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_FOLLOWLOCATION, 0L);
        set(CURLOPT_ACCEPT_ENCODING, "");
        set(CURLOPT_USERAGENT, "segue");
        set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(1000 * options_.connect_timeout_s));
        set(CURLOPT_TIMEOUT_MS, static_cast<long>(1000 * options_.timeout_s));
        set(CURLOPT_PROTOCOLS_STR, "http,https");
        if (!options_.ca_file.empty()) set(CURLOPT_CAINFO, options_.ca_file.c_str());
        // A proxy would read what is not encrypted, the key with it.
        if (endpoint_.loopback()) set(CURLOPT_NOPROXY, "*");
        else if (!options_.proxy.empty()) set(CURLOPT_PROXY, options_.proxy.c_str());
        return made;
      }) {
  start_curl();
  if (!options_.key.empty() && !endpoint_.private_way()) {
    throw Error("the key would be sent to {} where anybody on the way can read it: https:// is wanted, or a server on this machine", endpoint_.host());
  }
}

ChatClient::~ChatClient() = default;

Dialect ChatClient::dialect() const {
  const std::lock_guard lock(mutex_);
  return dialect_;
}

std::string ChatClient::quoted(const std::string& text) const {
  std::string shown = printable(without_key(text, options_.key));
  if (shown.size() > longest_quote) shown = valid_utf8(shown.substr(0, longest_quote)) + "…";
  return shown.empty() ? "no word of it" : "'" + shown + "'";
}

ChatClient::Reply ChatClient::send(const std::string& body, int64_t longest) const {
  const WithoutPipeSignal quiet;  // libcurl leaves that to its callers where it may use no signals
  const auto handle = handles_.lease();
  CURL* const curl = handle->curl;
  Reply reply;
  std::pair<std::string*, std::pair<int64_t, bool*>> into{&reply.body, {longest * bytes_a_token + bytes_besides, &reply.too_long}};
  char detail[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &into);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
  reply.code = curl_easy_perform(curl);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
  reply.detail = detail[0] != '\0' ? detail : curl_easy_strerror(reply.code);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply.status);
  curl_off_t sent = 0;
  curl_easy_getinfo(curl, CURLINFO_SIZE_UPLOAD_T, &sent);
  reply.sent = sent >= static_cast<curl_off_t>(body.size());
  if (char* to = nullptr; curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &to) == CURLE_OK && to != nullptr) reply.redirect = to;
  for (const auto& [name, unit] : {std::pair{"retry-after-ms", 1e-3}, {"Retry-After", 1.0}}) {
    curl_header* header = nullptr;
    if (reply.wait_s || curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK) continue;
    if (const auto said = retry_after(header->value, std::time(nullptr))) reply.wait_s = *said * unit;
  }
  return reply;
}

ChatClient::Trouble ChatClient::trouble_of(const Reply& reply) const {
  using Helps = Trouble::Helps;
  const std::string& host = endpoint_.host();
  if (reply.too_long) return {Helps::nothing_here, fmt::format("{} sends more than {} KiB as an answer", host, reply.body.size() >> 10), true};
  switch (reply.code) {
    case CURLE_OK: break;
    case CURLE_PEER_FAILED_VERIFICATION: case CURLE_SSL_CACERT_BADFILE: case CURLE_SSL_CERTPROBLEM: case CURLE_SSL_ISSUER_ERROR:
      return {Helps::nothing_at_all, fmt::format("{}: its certificate is not trusted: {}; --ca-file names the certificates of a server of your own", host, reply.detail)};
    case CURLE_OPERATION_TIMEDOUT:
      return {Helps::another_try, fmt::format("{}: {}", host, without_key(reply.detail, options_.key)), reply.sent};
    default: return {Helps::another_try, fmt::format("{}: {}", host, without_key(reply.detail, options_.key)), reply.sent && reply.code != CURLE_COULDNT_CONNECT};
  }
  const std::string said = fmt::format("{} answers {}: {}", host, reply.status, quoted(words_of(reply.body)));
  if (reply.status >= 300 && reply.status < 400) {
    return {Helps::nothing_at_all, fmt::format("{} sends elsewhere, to {}; requests are only sent to the host that was named: name that one if it is right", host, quoted(reply.redirect))};
  }
  if (reply.status == 401 || reply.status == 403) return {Helps::nothing_at_all, said + (options_.key.empty() ? "; no key was given: --key-env, --key-file" : "; is the key right?")};
  if (reply.status == 404 || reply.status == 405 || reply.status == 501) return {Helps::nothing_at_all, said + "; are the address and the model's name right?"};
  if (reply.status == 408 || reply.status == 429 || reply.status >= 500) return {Helps::another_try, said};
  if (reply.status >= 400) return {Helps::nothing_here, said};
  return {Helps::another_try, fmt::format("{} answers with what is no chat completion: {}", host, quoted(reply.body)), true};
}

/// Whether the request may be said in another way.
bool ChatClient::adapt(const Reply& reply, const Dialect& used) {
  const bool refused = reply.status == 400 || reply.status == 404 || reply.status == 422 || reply.status >= 500;
  if (reply.code != CURLE_OK || !refused) return false;
  const std::string words = words_of(reply.body);
  // Some say with 500 that they don't know a format; a 500 that names nothing is trouble of their own, as a 404 is a wrong name.
  const bool named = words.find("response_format") != std::string::npos || words.find("json_schema") != std::string::npos;
  if (reply.status != 400 && reply.status != 422 && !named) return false;
  const std::lock_guard lock(mutex_);
  if (dialect_ != used) return true;  // another thread found it out
  if (!dialect_.adapt(words)) return false;
  note(fmt::format("{} does not take the request as it was ({}); asking on {}", endpoint_.host(), quoted(words), dialect_.in_words()));
  return true;
}

ChatAnswer ChatClient::ask(const ChatRequest& request) {
  using Helps = Trouble::Helps;
  int64_t lost = 0;
  for (int tries = 0;;) {
    const int64_t attempt = back_off_.begin();
    const Dialect used = dialect();
    const Reply reply = send(request_body(request, options_.model, used), request.longest);
    if (reply.code == CURLE_OK && reply.status == 200 && !reply.too_long) {
      if (auto answer = answer_in(reply.body)) {
        back_off_.succeeded();
        answer->lost = lost;
        return *answer;
      }
    }
    if (adapt(reply, used)) continue;
    const Trouble trouble = trouble_of(reply);
    lost += trouble.lost ? 1 : 0;
    if (trouble.helps == Helps::nothing_at_all) throw ChatFailure(ChatFailure::Kind::all, lost, trouble.why);
    if (trouble.helps == Helps::nothing_here) throw ChatFailure(ChatFailure::Kind::request, lost, trouble.why);
    if (reply.wait_s && *reply.wait_s > options_.longest_wait_s) {
      throw ChatFailure(ChatFailure::Kind::all, lost, fmt::format("{}; it wants to be left alone for {}", trouble.why, clock_time(*reply.wait_s)));
    }
    if (back_off_.failed(attempt)) throw ChatFailure(ChatFailure::Kind::all, lost, fmt::format("{} failures in a row; the last: {}", back_off_.in_a_row(), trouble.why));
    if (++tries >= options_.most_tries) throw ChatFailure(ChatFailure::Kind::request, lost, fmt::format("after {} tries: {}", tries, trouble.why));
    if (reply.status == 429 || reply.wait_s) back_off_.hold(reply.wait_s.value_or(back_off_.pause(tries - 1)));
    else back_off_.wait(back_off_.pause(tries - 1));
  }
}

}  // namespace segue
