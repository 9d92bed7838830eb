#include "annotation/chat_client.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <thread>

#include "core/error.h"
#include "core/progress.h"
#include "support/archives.h"
#include "support/fake_chat_server.h"
#include "support/fake_clock.h"
#include "support/fake_tls.h"
#include "support/scratch.h"

namespace segue {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Json = nlohmann::ordered_json;
using Kind = ChatFailure::Kind;

const std::string key = "sk-0123456789abcdefghij";
const Json schema{{"type", "object"}};
const ChatRequest question{.turns = {{"system", "Be brief."}, {"user", "Well?"}}, .schema = &schema, .longest = 50};

Reply fine(const std::string& text = "yes") { return {.body = chat_envelope(text)}; }
Reply failing(int status, const std::string& message = "no", std::vector<std::pair<std::string, std::string>> headers = {}) {
  return {status, chat_error(message), std::move(headers)};
}
/// Those first, and then answers.
FakeChatServer::Handler first(std::vector<Reply> replies) {
  return [replies = std::move(replies)](const Received& request) { return static_cast<size_t>(request.number) < replies.size() ? replies[static_cast<size_t>(request.number)] : fine(); };
}
FakeChatServer::Handler always(Reply reply) {
  return [reply = std::move(reply)](const Received&) { return reply; };
}

/// What became of a question.
struct Outcome {
  ChatAnswer answer;
  std::optional<Kind> failed;
  int64_t lost = 0;
  std::string error;
};

Outcome ask(ChatModel& model, const ChatRequest& request = question) {
  try {
    const ChatAnswer answer = model.ask(request);
    return {answer, std::nullopt, answer.lost, ""};
  } catch (const ChatFailure& failure) {
    EXPECT_EQ(std::string(failure.what()).find('\n'), std::string::npos);
    EXPECT_EQ(std::string(failure.what()).find("456789ab"), std::string::npos) << failure.what();
    return {{}, failure.kind, failure.lost, failure.what()};
  }
}

class ChatClientTest : public testing::Test {
 protected:
  ChatClientTest() { set_quiet(true); }
  ~ChatClientTest() override { set_quiet(before_); }

  ChatClient::Options options(const std::string& url) const {
    return {.url = url, .model = "some-model", .key = key, .connect = milliseconds(2000), .whole = milliseconds(2000), .clock = clock};
  }
  ChatClient::Options options(const FakeChatServer& server) const { return options(server.url()); }

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();

 private:
  bool before_ = quiet();
};

TEST_F(ChatClientTest, AsksAndReadsTheAnswer) {
  FakeChatServer server(always(fine("maybe")));
  ChatClient client(options(server));
  const auto answer = client.ask(question);
  EXPECT_EQ(answer.text, "maybe");
  EXPECT_TRUE(answer.whole);
  EXPECT_EQ(answer.prompt_tokens, 100);
  EXPECT_EQ(answer.answer_tokens, 10);
  EXPECT_EQ(answer.lost, 0);
  const auto sent = server.received().at(0);
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.path, "/v1/chat/completions");
  EXPECT_EQ(sent.headers.at("authorization"), "Bearer " + key);
  EXPECT_EQ(sent.headers.at("content-type"), "application/json");
  EXPECT_EQ(sent.body["model"], "some-model");
  EXPECT_EQ(sent.body["messages"][1]["content"], "Well?");
  EXPECT_EQ(sent.body["response_format"]["type"], "json_schema");
  EXPECT_EQ(client.where(), "127.0.0.1:" + std::to_string(server.port()));
}

TEST_F(ChatClientTest, KeepsItsConnection) {
  FakeChatServer server(always(fine()));
  ChatClient client(options(server));
  for (int i = 0; i < 5; ++i) client.ask(question);
  EXPECT_EQ(server.requests(), 5);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ChatClientTest, SendsNoKeyWhereThereIsNone) {
  FakeChatServer server(always(fine()));
  auto without = options(server);
  without.key = "";
  ChatClient(without).ask(question);
  EXPECT_FALSE(server.received().at(0).headers.contains("authorization"));
}

TEST_F(ChatClientTest, ReadsAnswersOfManyKinds) {
  const auto text_of = [&](const std::string& body) {
    FakeChatServer server(always({.body = body}));
    ChatClient client(options(server));
    return ask(client).answer.text;
  };
  EXPECT_EQ(text_of(R"({"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"image"},{"type":"text","text":"b"}]}}]})"), "ab");
  EXPECT_EQ(text_of(R"({"choices":[{"message":{"content":null},"finish_reason":"stop"}]})"), "");
  EXPECT_EQ(text_of(R"({"choices":[{"message":{"content":""}}]})"), "");
  EXPECT_EQ(text_of(R"({"choices":[{"message":{"content":"I","refusal":"I can't"}}]})"), "");
  EXPECT_EQ(text_of(R"({"choices":[{"message":{"content":"half"},"finish_reason":"content_filter"}]})"), "");
  EXPECT_EQ(text_of("{\"choices\":[{\"message\":{\"content\":\"a\xFF\"}}]}"), "a\xEF\xBF\xBD");
}

TEST_F(ChatClientTest, SaysWhereAnAnswerWasCutShort) {
  FakeChatServer server(always({.body = chat_envelope("so it", "length")}));
  ChatClient client(options(server));
  EXPECT_FALSE(client.ask(question).whole);
}

TEST_F(ChatClientTest, SaysNothingOfTokensThatTheServerDoesNotName) {
  FakeChatServer server(always({.body = R"({"choices":[{"message":{"content":"a"}}],"usage":{"prompt_tokens":-5,"completion_tokens":1e99}})"}));
  ChatClient client(options(server));
  const auto answer = client.ask(question);
  EXPECT_EQ(answer.prompt_tokens, -1);
  EXPECT_EQ(answer.answer_tokens, -1);
}

TEST_F(ChatClientTest, TakesPackedAnswers) {
  const Scratch scratch;
  write_archive(scratch / "a.gz", Packing::gz, {{"a", chat_envelope("packed")}});
  FakeChatServer server(always({.body = read_file(scratch / "a.gz"), .headers = {{"Content-Encoding", "gzip"}}}));
  ChatClient client(options(server));
  EXPECT_EQ(client.ask(question).text, "packed");
}

TEST_F(ChatClientTest, WaitsAsLongAsItIsAskedTo) {
  FakeChatServer server(first({failing(429, "slow down", {{"Retry-After", "7"}}), failing(503, "busy", {{"Retry-After", "Sun, 01 Mar 2026 12:00:30 GMT"}}),
                               failing(429, "slow down", {{"retry-after-ms", "250"}, {"Retry-After", "1"}})}));
  ChatClient client(options(server));
  EXPECT_EQ(client.ask(question).text, "yes");
  EXPECT_EQ(clock->waits(), (std::vector{milliseconds(7000), milliseconds(23'000), milliseconds(250)}));
}

TEST_F(ChatClientTest, WaitsLongerAndLongerWhereItIsNotTold) {
  FakeChatServer server(first({failing(429), failing(500), failing(502)}));
  ChatClient client(options(server));
  EXPECT_EQ(client.ask(question).text, "yes");
  const auto waits = clock->waits();
  ASSERT_EQ(waits.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_GE(waits[i], seconds(1 << i));
    EXPECT_LE(waits[i], milliseconds(1250 << i));
  }
}

TEST_F(ChatClientTest, ComesBackAnotherTimeWhereTheWaitIsTooLong) {
  FakeChatServer server(always(failing(429, "daily limit", {{"Retry-After", "7200"}})));
  ChatClient client(options(server));
  const auto outcome = ask(client);
  EXPECT_EQ(outcome.failed, Kind::all);
  EXPECT_NE(outcome.error.find("go on after 2026-03-01 14:00 UTC"), std::string::npos) << outcome.error;
  EXPECT_EQ(ask(client).error, outcome.error);
  EXPECT_EQ(server.requests(), 1);
}

TEST_F(ChatClientTest, GivesUpARequestAfterItsTries) {
  // The other request is answered each time, so that the server is not to blame.
  FakeChatServer server([](const Received& request) { return request.text.find("Well?") != std::string::npos ? failing(500, "tensor of wrong shape") : fine(); });
  auto few = options(server);
  few.most_tries = 3;
  few.give_up_after = 4;
  ChatClient client(few);
  for (int i = 0; i < 3; ++i) {
    const auto outcome = ask(client);
    EXPECT_EQ(outcome.failed, Kind::request);
    EXPECT_NE(outcome.error.find("answered 500: tensor of wrong shape; tried 3 times"), std::string::npos) << outcome.error;
    EXPECT_EQ(ask(client, {.turns = {{"user", "Another"}}}).answer.text, "yes");
  }
  EXPECT_EQ(server.requests(), 12);
}

TEST_F(ChatClientTest, EndsAfterARunOfFailures) {
  FakeChatServer server(always(failing(500, "on fire")));
  ChatClient client(options(server));
  EXPECT_EQ(ask(client).failed, Kind::request);
  const auto outcome = ask(client);
  EXPECT_EQ(outcome.failed, Kind::all);
  EXPECT_NE(outcome.error.find("10 failures in a row"), std::string::npos) << outcome.error;
  EXPECT_NE(outcome.error.find("on fire"), std::string::npos) << outcome.error;
  EXPECT_EQ(ask(client).failed, Kind::all);
  EXPECT_EQ(server.requests(), 10);
}

TEST_F(ChatClientTest, TriesAgainAfterAHang) {
  FakeChatServer server(first({{.end = Reply::End::hang}}));
  auto hasty = options(server);
  hasty.whole = milliseconds(100);
  ChatClient client(hasty);
  const auto outcome = ask(client);
  EXPECT_EQ(outcome.answer.text, "yes") << outcome.error;
  EXPECT_EQ(outcome.lost, 1);  // who knows what it did meanwhile
}

TEST_F(ChatClientTest, TriesAgainAfterAnythingThatIsNoAnswer) {
  const std::string whole = chat_envelope("no");
  const std::vector<Reply> days{
      {.end = Reply::End::cut},
      {.body = whole, .end = Reply::End::halfway},
      {.body = whole.substr(0, whole.size() / 2)},
      {.body = "\x16\x03\x01 garbage", .end = Reply::End::raw},
      {.body = "<html>It works!</html>"},
      {.body = ""},
      {.body = "[]"},
      {.body = R"({"choices":[]})"},
      {.body = R"({"choices":[{"message":null}]})"},
      {.body = R"({"choices":[{"message":{"content":"h"},"finish_reason":"error"}]})"},
      {.body = std::string(100'000, '[')},
      {.body = "not packed", .headers = {{"Content-Encoding", "gzip"}}},
  };
  for (size_t i = 0; i < days.size(); ++i) {
    FakeChatServer server(first({days[i]}));
    ChatClient client(options(server));
    const auto outcome = ask(client);
    EXPECT_EQ(outcome.answer.text, "yes") << i << ": " << outcome.error;
    EXPECT_EQ(outcome.lost, 1) << i;
    EXPECT_EQ(server.requests(), 2) << i;
  }
}

TEST_F(ChatClientTest, CountsARequestThatIsSentAgainOverANewConnection) {
  FakeChatServer server(first({fine(), {.end = Reply::End::cut}}));
  ChatClient client(options(server));
  client.ask(question);
  const auto outcome = ask(client);  // libcurl by itself repeats what a kept connection did not answer
  EXPECT_EQ(outcome.answer.text, "yes");
  EXPECT_EQ(outcome.lost, 1);
}

TEST_F(ChatClientTest, ReadsAnErrorInsideAnAnswer) {
  FakeChatServer server(first({{.body = R"({"error":{"code":429,"message":"provider is busy"}})"}}));
  ChatClient client(options(server));
  const auto outcome = ask(client);
  EXPECT_EQ(outcome.answer.text, "yes");
  EXPECT_EQ(outcome.lost, 0);
}

TEST_F(ChatClientTest, EndsWhereNobodyIsThere) {
  std::string nobody;
  {
    FakeChatServer server(always(fine()));
    nobody = server.url();
  }
  ChatClient client(options(nobody));
  EXPECT_EQ(ask(client).failed, Kind::request);
  const auto outcome = ask(client);
  EXPECT_EQ(outcome.failed, Kind::all);
  EXPECT_EQ(outcome.lost, 0);
  EXPECT_NE(outcome.error.find("connect"), std::string::npos) << outcome.error;
}

TEST_F(ChatClientTest, ReadsNoEndlessAnswer) {
  for (const auto& reply : {Reply{.body = std::string(10'000, ' '), .end = Reply::End::endless}, Reply{.body = fine().body + std::string(300'000, ' ')},
                            Reply{.headers = {{"X-Long", std::string(60'000, 'x')}, {"X-2", std::string(90'000, 'x')}, {"X-3", std::string(90'000, 'x')}, {"X-4", std::string(90'000, 'x')}}}}) {
    FakeChatServer server(always(reply));
    ChatClient client(options(server));
    const auto outcome = ask(client);
    EXPECT_EQ(outcome.failed, Kind::request) << outcome.error;
    EXPECT_EQ(outcome.lost, 1);
    EXPECT_EQ(server.requests(), 1);
    EXPECT_NE(outcome.error.find("far longer than the 50 tokens"), std::string::npos) << outcome.error;
  }
}

TEST_F(ChatClientTest, UnpacksNoBomb) {
  const Scratch scratch;
  write_archive(scratch / "a.gz", Packing::gz, {{"a", std::string(8'000'000, ' ')}});
  FakeChatServer server(always({.body = read_file(scratch / "a.gz"), .headers = {{"Content-Encoding", "gzip"}}}));
  ChatClient client(options(server));
  EXPECT_EQ(ask(client).failed, Kind::request);
}

TEST_F(ChatClientTest, FollowsNoRedirect) {
  FakeChatServer other(always(fine()));
  for (const int status : {301, 302, 307, 308}) {
    FakeChatServer server(always({.status = status, .headers = {{"Location", other.url() + "/v1/chat/completions?k=" + key}}}));
    ChatClient client(options(server));
    const auto outcome = ask(client);
    EXPECT_EQ(outcome.failed, Kind::all);
    EXPECT_NE(outcome.error.find("127.0.0.1:" + std::to_string(other.port())), std::string::npos) << outcome.error;
    EXPECT_EQ(server.requests(), 1);
  }
  EXPECT_EQ(other.connections(), 0);
}

TEST_F(ChatClientTest, EndsAtOnceWhereTheKeyOrTheModelIsRefused) {
  for (const int status : {401, 402, 403, 404}) {
    FakeChatServer server(always(failing(status, "Incorrect key: " + key + ", or " + key.substr(0, 9) + "... or no such model")));
    ChatClient client(options(server));
    const auto outcome = ask(client);
    EXPECT_EQ(outcome.failed, Kind::all);
    EXPECT_NE(outcome.error.find(std::to_string(status) + ": Incorrect key: [key], or [key]... or no such model"), std::string::npos) << outcome.error;
    EXPECT_EQ(server.requests(), 1);
  }
}

TEST_F(ChatClientTest, EndsAtOnceWhereTheMoneyIsSpent) {
  FakeChatServer server(always({.status = 429, .body = R"({"error":{"message":"You exceeded your quota","code":"insufficient_quota"}})"}));
  ChatClient client(options(server));
  EXPECT_EQ(ask(client).failed, Kind::all);
  EXPECT_EQ(server.requests(), 1);
}

TEST_F(ChatClientTest, QuotesAServerShortlyAndSafely) {
  FakeChatServer server(always({.status = 401, .body = "\x1b[31m" + std::string(150, 'a') + "\n" + key.substr(0, 12) + "\x01" + key.substr(12) + std::string(5000, 'b')}));
  ChatClient client(options(server));
  const auto outcome = ask(client);
  EXPECT_LT(outcome.error.size(), 300u);
  EXPECT_EQ(outcome.error.find('\x1b'), std::string::npos);
  EXPECT_EQ(outcome.error.find("0123456789"), std::string::npos) << outcome.error;
}

TEST_F(ChatClientTest, GivesNoAnswerThatQuotesTheKey) {
  FakeChatServer server(always(fine("the key is " + key)));
  ChatClient client(options(server));
  EXPECT_EQ(client.ask(question).text, "the key is [key]");
}

TEST_F(ChatClientTest, SendsNoKeyInTheClear) {
  EXPECT_THROW(ChatClient(options("http://192.0.2.1/v1")), Error);
  EXPECT_THROW(ChatClient(options("http://example.com/v1")), Error);
}

TEST_F(ChatClientTest, AsksThisMachineWithoutAProxy) {
  FakeChatServer proxy(always(fine("by the proxy"))), server(always(fine()));
  auto through = options(server);
  for (const char* name : {"http_proxy", "https_proxy", "all_proxy"}) ::setenv(name, proxy.url().c_str(), 1);
  through.proxy = proxy.url();
  ChatClient client(through);
  const auto outcome = ask(client);
  for (const char* name : {"http_proxy", "https_proxy", "all_proxy"}) ::unsetenv(name);
  EXPECT_EQ(outcome.answer.text, "yes");
  EXPECT_EQ(proxy.connections(), 0);
}

TEST_F(ChatClientTest, AsksOthersThroughTheProxyThatIsNamed) {
  FakeChatServer proxy(always(fine("by the proxy")));
  auto through = options("http://192.0.2.1/v1");  // an address that nobody has
  through.key = "";
  through.proxy = proxy.url();
  ChatClient client(through);
  EXPECT_EQ(ask(client).answer.text, "by the proxy");
  EXPECT_EQ(proxy.received().at(0).path, "http://192.0.2.1/v1/chat/completions");
}

TEST_F(ChatClientTest, ShowsAProxyNoKey) {
  FakeChatServer proxy(always(failing(407)));
  auto through = options("https://192.0.2.1/v1");
  through.proxy = proxy.url();
  ChatClient client(through);
  EXPECT_EQ(ask(client).failed, Kind::all);
  ASSERT_EQ(proxy.requests(), 1);
  EXPECT_EQ(proxy.received().at(0).method, "CONNECT");
  EXPECT_FALSE(proxy.received().at(0).headers.contains("authorization"));
}

TEST_F(ChatClientTest, DoesNotQuoteAProxysPassword) {
  auto through = options("https://192.0.2.1/v1");
  for (const char* proxy : {"gopher://me:hunter2@127.0.0.1:1", "http://me:hunter2@127.0.0.1:1:2:3"}) {
    through.proxy = proxy;
    ChatClient client(through);
    const auto outcome = ask(client);
    EXPECT_EQ(outcome.failed, Kind::all);
    EXPECT_EQ(outcome.error.find("hunter2"), std::string::npos) << outcome.error;
  }
}

TEST_F(ChatClientTest, TrustsNoUnknownCertificate) {
  const Scratch scratch;
  FakeTls tls("IP:127.0.0.1,DNS:localhost");
  FakeChatServer server(always(fine()), tls.channels());
  auto secure = options("https://127.0.0.1:" + std::to_string(server.port()));
  ChatClient stranger(secure);
  const auto outcome = ask(stranger);
  EXPECT_EQ(outcome.failed, Kind::all);
  EXPECT_EQ(outcome.lost, 0);
  EXPECT_EQ(server.requests(), 0);
  secure.ca_file = scratch.file("ca.pem", tls.pem());
  ChatClient client(secure);
  EXPECT_EQ(ask(client).answer.text, "yes");
  EXPECT_EQ(server.received().at(0).headers.at("authorization"), "Bearer " + key);
}

TEST_F(ChatClientTest, TrustsNoCertificateOfAnother) {
  const Scratch scratch;
  FakeTls tls("DNS:example.com");
  FakeChatServer server(always(fine()), tls.channels());
  auto secure = options("https://127.0.0.1:" + std::to_string(server.port()));
  secure.ca_file = scratch.file("ca.pem", tls.pem());
  ChatClient client(secure);
  EXPECT_EQ(ask(client).failed, Kind::all);
  EXPECT_EQ(server.requests(), 0);
}

TEST_F(ChatClientTest, SaysWhereAServerSpeaksNoTls) {
  FakeChatServer server(always(fine()), [](int socket) {
    const std::string words = "HTTP/1.1 400 Bad Request\r\n\r\n";
    Channel(socket).write(words.data(), words.size());
    return nullptr;
  });
  ChatClient client(options("https://127.0.0.1:" + std::to_string(server.port())));
  const auto outcome = ask(client);
  EXPECT_EQ(outcome.failed, Kind::all);
  EXPECT_NE(outcome.error.find("http://"), std::string::npos) << outcome.error;
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ChatClientTest, RefusesAFileOfCertificatesThatIsNotThere) {
  auto secure = options("https://127.0.0.1");
  secure.ca_file = "/nowhere/ca.pem";
  EXPECT_THROW(ChatClient{secure}, Error);
}

/// Takes only what `taken` says, and says what it does not take.
FakeChatServer::Handler picky(std::function<std::string(const nlohmann::json&)> refuses, int status) {
  return [refuses = std::move(refuses), status](const Received& request) {
    const std::string why = refuses(request.body);
    return why.empty() ? fine() : failing(status, why);
  };
}

TEST_F(ChatClientTest, AdaptsToWhatTheServerTakes) {
  for (const int status : {400, 404, 422, 501}) {
    FakeChatServer server(picky(
        [](const nlohmann::json& body) -> std::string {
          if (body.contains("seed")) return "seed: Extra inputs are not permitted";
          if (body.contains("temperature")) return "Unsupported value: 'temperature'";
          if (body.contains("max_tokens")) return "Use 'max_completion_tokens' instead of 'max_tokens'";
          return body.contains("response_format") && (body["response_format"]["type"] != "json_object" || body["response_format"].contains("schema")) ? "response_format?" : "";
        },
        status));
    ChatClient client(options(server));
    const auto outcome = ask(client);
    EXPECT_EQ(outcome.answer.text, "yes") << outcome.error;
    EXPECT_EQ(client.dialect(), "response_format json_object, max_completion_tokens, no temperature, no seed");
    EXPECT_EQ(ask(client).answer.text, "yes");
    EXPECT_EQ(server.requests(), 7);
    EXPECT_TRUE(clock->waits().empty());
  }
}

TEST_F(ChatClientTest, StepsDownWhereTheServerSaysNothing) {
  FakeChatServer server(picky([](const nlohmann::json& body) { return body.contains("response_format") ? "Bad request" : ""; }, 400));
  ChatClient client(options(server));
  EXPECT_EQ(ask(client).answer.text, "yes");
  EXPECT_EQ(server.requests(), 4);
  EXPECT_EQ(ask(client).answer.text, "yes");
  EXPECT_EQ(server.requests(), 5);
}

TEST_F(ChatClientTest, GivesUpARequestThatIsRefusedInEveryDialect) {
  FakeChatServer server(always(failing(400, "I don't like it")));
  ChatClient client(options(server));
  const auto outcome = ask(client);
  EXPECT_EQ(outcome.failed, Kind::request);
  EXPECT_NE(outcome.error.find("answered 400: I don't like it"), std::string::npos) << outcome.error;
  EXPECT_EQ(server.requests(), 4);
  EXPECT_EQ(client.dialect(), Dialect{}.words());
}

TEST_F(ChatClientTest, LearnsADialectOnAllThreads) {
  FakeChatServer server(picky([](const nlohmann::json& body) { return body.contains("seed") ? "no seed" : body.contains("max_tokens") ? "no max_tokens" : ""; }, 400));
  ChatClient client(options(server));
  std::atomic<int> answered = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 16; ++i) threads.emplace_back([&] { answered += ask(client).answer.text == "yes"; });
  threads.clear();
  EXPECT_EQ(answered, 16);
  EXPECT_EQ(client.dialect(), "response_format json_schema, max_completion_tokens, temperature, no seed");
}

TEST_F(ChatClientTest, LivesOnWhereTheServerClosesWhileItSends) {
  FakeTls tls("IP:127.0.0.1");
  const Scratch scratch;
  const std::string long_text(5'000'000, 'x');
  const ChatRequest long_question{.turns = {{"user", long_text}}};
  FakeChatServer plain(always(fine()), [](int) { return nullptr; });
  FakeChatServer secure(always(fine()), [open = tls.channels()](int socket) { return open(socket), nullptr; });
  for (const auto& url : {plain.url(), "https://127.0.0.1:" + std::to_string(secure.port())}) {
    auto few = options(url);
    few.ca_file = scratch.file("ca.pem", tls.pem());
    few.most_tries = 2;
    ChatClient client(few);
    EXPECT_EQ(ask(client, long_question).failed, Kind::request);
  }
}

/// Until it is so, at most ten seconds.
bool comes_true(const std::function<bool()>& so) {
  for (int i = 0; i < 10'000 && !so(); ++i) std::this_thread::sleep_for(milliseconds(1));
  return so();
}

TEST_F(ChatClientTest, LetsAllThreadsWaitTogether) {
  constexpr int n = 64;
  clock = std::make_shared<FakeClock>(FakeClock::Kind::stands);
  std::atomic<int> arrived = 0;
  FakeChatServer server([&](const Received& request) {
    if (request.number >= n) return fine();
    ++arrived;
    comes_true([&] { return arrived == n; });
    return failing(429, "slow down", {{"Retry-After", "7"}});
  });
  auto strict = options(server);
  strict.whole = milliseconds(20'000);
  strict.give_up_after = 2;  // all 64 are one failure
  ChatClient client(strict);
  std::atomic<int> answered = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < n; ++i) threads.emplace_back([&] { answered += ask(client).answer.text == "yes"; });
  ASSERT_TRUE(comes_true([&] { return clock->waiting() == n; }));
  clock->advance(milliseconds(6999));
  ASSERT_TRUE(comes_true([&] { return clock->waiting() == n; }));
  EXPECT_EQ(server.requests(), n);
  clock->advance(milliseconds(1));
  threads.clear();
  EXPECT_EQ(answered, n);
  EXPECT_EQ(server.requests(), 2 * n);
}

TEST_F(ChatClientTest, AsksAsManyAtOnceAsThereAreThreads) {
  constexpr int n = 64, each = 4;
  std::atomic<int> now = 0, most = 0;
  FakeChatServer server([&](const Received&) {
    for (int here = ++now, seen = most; here > seen && !most.compare_exchange_weak(seen, here);) {}
    std::this_thread::sleep_for(milliseconds(300));
    --now;
    return fine();
  });
  ChatClient client(options(server));
  std::atomic<int> answered = 0;
  const auto begin = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < n; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < each; ++j) answered += ask(client).answer.text == "yes";
      });
    }
  }
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_EQ(answered, n * each);
  EXPECT_EQ(server.connections(), n);
  EXPECT_EQ(most, n);
  EXPECT_LT(took, 2 * each * 0.3);  // a machine that is busy elsewhere too; the benchmark has the figure
}

}  // namespace
}  // namespace segue
