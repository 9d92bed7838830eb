#include "annotation/chat_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "annotation/chat_envelope.h"
#include "core/console.h"
#include "core/error.h"

namespace segue {
namespace {

constexpr size_t most_quoted = 200;
/// A server that is only busy may turn a request away so many times more often than one may fail for itself.
constexpr int64_t patience = 4;

Endpoint checked_endpoint(const ChatClient::Options& options) {
  Endpoint endpoint = read_endpoint(options.url);
  check_key(endpoint, options.key);
  if (!options.ca_file.empty() && !std::filesystem::is_regular_file(options.ca_file)) throw Error("{}: no file of certificates (PEM)", options.ca_file.string());
  return endpoint;
}

HttpPost::Options post_options(const ChatClient::Options& options, const Endpoint& endpoint) {
  return {endpoint.url, options.key, options.proxy, !endpoint.loopback, options.ca_file.string(), options.connect, options.whole};
}

/// The host that a redirect names; the rest of its address may quote anything.
std::string host_of(const std::string& location) {
  try {
    return read_endpoint(location).where;
  } catch (const Error&) {
    return "another address";
  }
}

/// Some say with 500 that they don't know a format (llama-cpp-python).
bool may_be_dialect(long status, const std::string& said) {
  return status == 400 || status == 404 || status == 422 || status == 501 || (status == 500 && said.find("response_format") != std::string::npos);
}

/// Nobody who asks with this key, or for this model, will get anything.
bool is_final(long status, const std::string& named) {
  return status == 401 || status == 402 || status == 403 || status == 404 || status == 405 || status == 410 || named == "insufficient_quota";
}

bool may_pass(long status) { return status < 400 || status >= 500 || status == 408 || status == 409 || status == 425 || status == 429; }

}  // namespace

struct ChatClient::Question {
  const ChatRequest& request;
  Dialect dialect;
  int64_t failed = 0, turned_away = 0;
  BackOff::Time not_before = {};
  ChatAnswer answer = {};
  int64_t lost = 0, announced = 0;
};

ChatClient::ChatClient(const Options& options)
    : options_(options), endpoint_(checked_endpoint(options)), dialects_(endpoint_.where),
      back_off_({options.give_up_after, options.longest_wait, options.seed, options.clock}),
      posts_([post = post_options(options, endpoint_)] { return std::make_unique<HttpPost>(post); }) {}

ChatAnswer ChatClient::ask(const ChatRequest& request) {
  Question question{.request = request, .dialect = dialects_.current()};
  try {
    while (!try_once(question)) {}
  } catch (ChatFailure& failure) {
    failure.lost = question.lost;
    throw;
  }
  question.answer.lost = question.lost;
  return std::move(question.answer);
}

bool ChatClient::try_once(Question& question) {
  for (; question.announced < question.lost; ++question.announced) {
    if (question.request.before_paying_again) question.request.before_paying_again();
  }
  const std::string body = chat_body(question.request, options_.model, question.dialect);
  const size_t most = static_cast<size_t>(std::max<int64_t>(question.request.longest, 0)) * 16 + 256 * 1024;
  const auto attempt = back_off_.begin(question.not_before);
  const HttpReply reply = posts_.lease()->post(body, most);
  question.lost += reply.lost;
  if (reply.end != HttpReply::End::answered) {
    not_answered(question, *attempt, reply);
    return false;
  }
  std::optional<ChatAnswer> answer;
  if (reply.status >= 200 && reply.status < 300) answer = read_envelope(reply.body).answer;
  if (!answer) {
    not_understood(question, *attempt, reply);
    return false;
  }
  attempt->answered();
  dialects_.answered(question.dialect);
  question.answer = std::move(*answer);
  auto& text = question.answer.text;
  if (options_.key.size() >= 8 && text.find(options_.key) != std::string::npos) text = without_key(text, options_.key);
  return true;
}

std::string ChatClient::words(const std::string& text) const {
  // Scrubbed last: what printable() leaves out could have stood between two halves of the key.
  const std::string safe = without_key(printable(std::string_view(text).substr(0, 16 * most_quoted)), options_.key);
  if (safe.size() <= most_quoted) return safe;
  size_t end = most_quoted;
  while ((safe[end] & 0xC0) == 0x80) --end;  // not inside a symbol
  return safe.substr(0, end) + "…";
}

void ChatClient::not_answered(Question& question, BackOff::Attempt& attempt, const HttpReply& reply) {
  const std::string cause = fmt::format("{}: {}", endpoint_.where, words(reply.error));
  switch (reply.end) {
    case HttpReply::End::untrusted: back_off_.stop(cause + "; nothing was sent; a certificate of your own is trusted if its file is named");
    case HttpReply::End::hopeless: back_off_.stop(cause);
    case HttpReply::End::too_long:
      attempt.failed(1, {fmt::format("{}: the answer does not end", endpoint_.where)});
      throw ChatFailure(ChatFailure::Kind::request, 0, fmt::format("{}: the answer is far longer than the {} tokens that were asked for", endpoint_.where, question.request.longest));
    default: try_again(question, attempt, {cause, reply.status == 0 && reply.lost == 0}, false);
  }
}

void ChatClient::not_understood(Question& question, BackOff::Attempt& attempt, const HttpReply& reply) {
  const ChatEnvelope envelope = read_envelope(reply.body);
  const bool fine = reply.status >= 200 && reply.status < 300;
  const long status = fine ? envelope.status : reply.status;
  if (fine && status == 0) ++question.lost;  // something was made, and paid for
  const std::string said = words(envelope.error);
  const std::string cause = fine && status == 0 ? fmt::format("{} answered with something that is no answer: {}", endpoint_.where, said)
                                                : fmt::format("{} answered {}: {}", endpoint_.where, status, said);
  if (!fine && status < 400) {
    back_off_.stop(fmt::format("{} answered {}: it sends us on to {}, which is not followed; name that address if it is to be asked",
                               endpoint_.where, status, words(host_of(reply.location))));
  }
  if (may_be_dialect(status, envelope.error)) {
    const auto next = dialects_.refused(question.dialect, envelope.named, envelope.error, status == 404 || status >= 500);
    if (next) {
      question.dialect = *next;
      return;
    }
  }
  if (is_final(status, envelope.named)) back_off_.stop(cause);
  const auto wait = read_retry_after(reply.retry_after_ms, reply.retry_after, back_off_.date());
  const BackOff::Failed why{cause, status == 429 || status == 503 || wait.has_value(), wait};
  if (may_pass(status)) {
    try_again(question, attempt, why, status == 429);
  } else {
    attempt.failed(1, why);
    throw ChatFailure(ChatFailure::Kind::request, 0, cause);
  }
}

void ChatClient::try_again(Question& question, BackOff::Attempt& attempt, const BackOff::Failed& why, bool turned_away) {
  ++(turned_away ? question.turned_away : question.failed);
  question.not_before = attempt.failed(question.failed + question.turned_away, why);
  const int64_t tries = question.failed + question.turned_away;
  if (question.failed < options_.most_tries && question.turned_away < patience * options_.most_tries) return;
  throw ChatFailure(ChatFailure::Kind::request, 0, fmt::format("{}; tried {} times", why.cause, tries));
}

}  // namespace segue
