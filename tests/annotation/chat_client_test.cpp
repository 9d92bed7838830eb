#include "annotation/chat_client.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/progress.h"
#include "support/fake_chat_server.h"
#include "support/scratch.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

const Json schema = {{"type", "object"}};
const std::string secret = "sk-very-secret-0123456789";

ChatRequest hello() { return {.turns = {{"system", "rate"}, {"user", "{}"}}, .schema = &schema, .longest = 100, .seed = 7}; }

/// A client whose pauses are counted and not waited for.
struct Client {
  std::vector<double> waited;
  double clock = 0;
  std::unique_ptr<ChatClient> client;

  explicit Client(const std::string& url, ChatClient::Options options = {}) {
    set_quiet(true);
    options.url = url;
    options.model = "small";
    options.back_off.now = [this] { return clock; };
    options.back_off.sleep = [this](double seconds) {
      waited.push_back(seconds);
      clock += seconds;
    };
    client = std::make_unique<ChatClient>(options);
  }
  ChatAnswer ask() const { return client->ask(hello()); }
  /// What a failure says, with its kind before it.
  std::string failure() const {
    try {
      return "answered " + ask().text;
    } catch (const ChatFailure& failed) {
      return fmt::format("{}: {}", failed.kind == ChatFailure::Kind::all ? "all" : "request", failed.what());
    }
  }
};

/// Replies in this order, and then with the last again and again.
FakeServer::Handler in_order(std::vector<FakeReply> replies) {
  return [replies](const FakeRequest& request) { return replies[std::min<size_t>(static_cast<size_t>(request.number), replies.size() - 1)]; };
}

TEST(ChatClient, AsksAsTheInterfaceHasIt) {
  const FakeServer server(in_order({completion("yes", 12, 3)}));
  const Client client(server.url() + "/v1/", {.key = secret});
  const ChatAnswer answer = client.ask();
  EXPECT_EQ(answer.text, "yes");
  EXPECT_EQ(answer.prompt_tokens, 12);
  EXPECT_EQ(answer.answer_tokens, 3);
  EXPECT_TRUE(answer.whole);
  EXPECT_EQ(answer.lost, 0);
  const FakeRequest seen = server.seen().front();
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.path, "/v1/chat/completions");
  EXPECT_EQ(seen.headers.at("authorization"), "Bearer " + secret);
  EXPECT_EQ(seen.body["model"], "small");
  EXPECT_EQ(seen.body["messages"][1]["content"], "{}");
  EXPECT_EQ(seen.body["temperature"], 0);
  EXPECT_EQ(seen.body["seed"], 7);
  EXPECT_EQ(seen.body["max_tokens"], 100);
  EXPECT_EQ(seen.body["response_format"]["json_schema"]["schema"], schema);
  EXPECT_EQ(seen.body["response_format"]["json_schema"]["strict"], true);
}

TEST(ChatClient, ReadsAnswersInAllTheirShapes) {
  const FakeServer server(in_order({{.body = R"({"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},"finish_reason":"length"}]})"},
                                    {.body = R"({"choices":[{"message":{"content":null,"refusal":"no"}}],"usage":{"prompt_tokens":"many"}})"}}));
  const Client client(server.url());
  const ChatAnswer parts = client.ask(), none = client.ask();
  EXPECT_EQ(parts.text, "ab");
  EXPECT_FALSE(parts.whole);
  EXPECT_EQ(parts.prompt_tokens, -1);
  EXPECT_EQ(none.text, "");
  EXPECT_EQ(none.prompt_tokens, -1);
}

TEST(ChatClient, EndpointsAreMadeWhole) {
  EXPECT_EQ(Endpoint("http://127.0.0.1:8080").url(), "http://127.0.0.1:8080/v1/chat/completions");
  EXPECT_EQ(Endpoint("https://api.example.com/v1").url(), "https://api.example.com/v1/chat/completions");
  EXPECT_EQ(Endpoint("https://a.example/x/chat/completions?api-version=1").url(), "https://a.example/x/chat/completions?api-version=1");
  EXPECT_EQ(Endpoint("https://a.example/openai/v1/?a=1#top").url(), "https://a.example/openai/v1/chat/completions?a=1");
  EXPECT_EQ(Endpoint("https://a.example:444/v1").host(), "a.example:444");
  EXPECT_TRUE(Endpoint("http://localhost:1").loopback());
  EXPECT_TRUE(Endpoint("http://[::1]:1").loopback());
  EXPECT_TRUE(Endpoint("http://127.9.9.9").loopback());
  EXPECT_FALSE(Endpoint("http://127.0.0.1.evil.example").loopback());
  EXPECT_FALSE(Endpoint("http://localhost.evil.example").loopback());
  EXPECT_FALSE(Endpoint("http://10.0.0.1").private_way());
  for (const char* bad : {"", "127.0.0.1:8080", "localhost:8080", "ftp://a.example", "file:///etc/passwd", "http://", "http://me:secret@a.example", "https://a b"}) {
    EXPECT_THROW(Endpoint{bad}, Error) << bad;
  }
}

TEST(ChatClient, KeysAreReadAndRefusedWithoutBeingQuoted) {
  const Scratch scratch;
  ::setenv("SEGUE_TEST_KEY", " sk-abc\n", 1);
  EXPECT_EQ(read_key("SEGUE_TEST_KEY", {}), "sk-abc");
  ::unsetenv("SEGUE_TEST_KEY");
  EXPECT_EQ(read_key("SEGUE_TEST_KEY", {}), "");
  EXPECT_EQ(read_key("SEGUE_TEST_KEY", scratch.file("key", "sk-file\r\n")), "sk-file");
  for (const std::string bad : {"", "\n", "two words-of-it", "two\nlines-of-it", "k\xc3\xa4y-of-it", "nul\x01-of-it"}) {
    try {
      read_key("SEGUE_TEST_KEY", scratch.file("key", bad));
      FAIL() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find("-of-it"), std::string::npos) << error.what();
    }
  }
}

TEST(ChatClient, SendsNoKeyWhereOthersCanReadIt) {
  EXPECT_THROW(Client("http://a.example", {.key = secret}), Error);
  EXPECT_NO_THROW(Client("http://a.example"));
  EXPECT_NO_THROW(Client("https://a.example", {.key = secret}));
  // A proxy would read it: there is none to this machine itself, whatever the environment says.
  const FakeServer proxy(in_order({completion("from the proxy")})), server(in_order({completion("from the server")}));
  ::setenv("http_proxy", proxy.url().c_str(), 1);
  EXPECT_EQ(Client(server.url(), {.key = secret}).ask().text, "from the server");
  EXPECT_EQ(Client(server.url(), {.key = secret, .proxy = proxy.url()}).ask().text, "from the server");
  EXPECT_EQ(proxy.requests(), 0);
  EXPECT_EQ(Client("http://a.example").ask().text, "from the proxy");
  ::unsetenv("http_proxy");
  EXPECT_EQ(Client("http://a.example", {.proxy = proxy.url()}).ask().text, "from the proxy");
  EXPECT_EQ(proxy.seen().front().headers.count("authorization"), 0u);
}

TEST(ChatClient, WaitsAsLongAsTheServerSays) {
  for (const auto& [header, seconds] : {std::pair{"17", 17.0}, {"0", 0.0}}) {
    const FakeServer server(in_order({refusal(429, "slow down", {{"Retry-After", header}}), completion("yes")}));
    const Client client(server.url());
    EXPECT_EQ(client.ask().text, "yes");
    EXPECT_EQ(client.clock, seconds);
  }
  char date[64];
  const std::time_t later = std::time(nullptr) + 30;
  std::tm parts{};
  std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", ::gmtime_r(&later, &parts));
  const FakeServer server(in_order({refusal(503, "back soon", {{"Retry-After", date}}), completion("yes")}));
  const Client client(server.url());
  EXPECT_EQ(client.ask().text, "yes");
  EXPECT_NEAR(client.clock, 30, 2);
  EXPECT_EQ(retry_after("soon", 0), std::nullopt);
  EXPECT_EQ(retry_after("-3", 0), std::nullopt);
  EXPECT_EQ(retry_after("nan", 0), std::nullopt);
}

TEST(ChatClient, PausesGrowWhereTheServerSaysNothing) {
  const FakeServer server(in_order({refusal(429, "slow down"), refusal(500, "oops"), refusal(502, "<html>oops"), refusal(429, "slow down"), completion("yes")}));
  const Client client(server.url());
  EXPECT_EQ(client.ask().text, "yes");
  ASSERT_EQ(client.waited.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_GE(client.waited[i], 0.5 * std::pow(2, i));
    EXPECT_LE(client.waited[i], std::pow(2, i));
  }
}

TEST(ChatClient, GoesOnAnotherTimeWhereItHadToWaitForHours) {
  const FakeServer server(in_order({refusal(429, "enough for today", {{"Retry-After", "7200"}})}));
  const Client client(server.url());
  const std::string why = client.failure();
  EXPECT_TRUE(why.starts_with("all: ")) << why;
  EXPECT_NE(why.find("enough for today"), std::string::npos) << why;
  EXPECT_NE(why.find("2:00:00"), std::string::npos) << why;
  EXPECT_EQ(server.requests(), 1);
}

TEST(ChatClient, TriesAgainWhatWasCutOrHangsOrIsNoAnswer) {
  const std::string whole = completion("yes").body;
  const FakeServer server(in_order({{.cut_before = true}, {.body = whole, .cut_after = 20}, {.after_s = 0.5}, {.body = whole.substr(0, whole.size() / 2)}, {.body = "<html>"}, {.body = whole}}));
  const Client client(server.url(), {.timeout_s = 0.2});
  const ChatAnswer answer = client.ask();
  EXPECT_EQ(answer.text, "yes");
  EXPECT_EQ(server.requests(), 6);
  EXPECT_EQ(answer.lost, 5);  // all of them were sent whole
}

TEST(ChatClient, GivesARequestUpAfterSomeTries) {
  const FakeServer server(in_order({refusal(500, "oops")}));
  const Client client(server.url(), {.most_tries = 3});
  EXPECT_EQ(client.failure(), fmt::format("request: after 3 tries: 127.0.0.1:{} answers 500: 'oops'", server.port()));
  EXPECT_EQ(server.requests(), 3);
}

TEST(ChatClient, ARunOfFailuresEndsItForAll) {
  const FakeServer server(in_order({refusal(500, "oops")}));
  const Client client(server.url(), {.most_tries = 100, .back_off = {.give_up_after = 4}});
  EXPECT_EQ(client.failure(), fmt::format("all: 4 failures in a row; the last: 127.0.0.1:{} answers 500: 'oops'", server.port()));
  EXPECT_EQ(server.requests(), 4);
}

TEST(ChatClient, FailuresAtTheSameTimeCountAsOne) {
  BackOff back_off({.give_up_after = 3, .sleep = [](double) {}});
  std::vector<int64_t> attempts;
  for (int i = 0; i < 64; ++i) attempts.push_back(back_off.begin());
  for (const auto attempt : attempts) EXPECT_FALSE(back_off.failed(attempt));
  EXPECT_EQ(back_off.in_a_row(), 1);
  EXPECT_FALSE(back_off.failed(back_off.begin()));
  EXPECT_TRUE(back_off.failed(back_off.begin()));
  back_off.succeeded();
  EXPECT_FALSE(back_off.failed(back_off.begin()));
}

TEST(ChatClient, NobodyAsksWhileTheServerWantsToBeLeftAlone) {
  double clock = 0;
  std::vector<double> slept;
  BackOff back_off({.now = [&] { return clock; }, .sleep = [&](double seconds) {
    slept.push_back(seconds);
    clock += seconds;
  }});
  back_off.hold(5);
  back_off.hold(3);  // the longer one counts
  back_off.begin();
  EXPECT_EQ(slept, std::vector<double>{5});
  back_off.begin();
  EXPECT_EQ(slept.size(), 1u);
}

TEST(ChatClient, AServerThatIsNotThereIsSaid) {
  std::string url;
  {
    const FakeServer gone(in_order({completion("yes")}));
    url = gone.url();
  }
  const Client client(url, {.most_tries = 2});
  EXPECT_NE(client.failure().find("connect"), std::string::npos) << client.failure();
  const Client nowhere("https://no.such.host.invalid", {.key = secret, .most_tries = 1});
  EXPECT_NE(nowhere.failure().find("no.such.host.invalid"), std::string::npos) << nowhere.failure();
}

TEST(ChatClient, FollowsNobodyToAnotherHost) {
  const FakeServer other(in_order({completion("caught")}));
  const FakeServer server(in_order({{.status = 307, .headers = {{"Location", other.url() + "/v1/chat/completions"}}}}));
  const Client client(server.url(), {.key = secret});
  const std::string why = client.failure();
  EXPECT_TRUE(why.starts_with("all: ")) << why;
  EXPECT_NE(why.find(other.url()), std::string::npos) << why;
  EXPECT_EQ(other.requests(), 0);
  EXPECT_EQ(server.requests(), 1);
}

TEST(ChatClient, TrustsNoCertificateButTheRightOne) {
  const FakeCertificate right("127.0.0.1"), wrong("other.example");
  const Scratch scratch;
  const std::string ca = scratch.file("ca.pem", right.certificate + wrong.certificate).string();
  const FakeServer server(in_order({completion("yes")}), &right), misnamed(in_order({completion("caught")}), &wrong);
  EXPECT_EQ(Client(server.url(), {.key = secret, .ca_file = ca}).ask().text, "yes");
  const std::string unknown = Client(server.url(), {.key = secret}).failure();
  EXPECT_TRUE(unknown.starts_with("all: ") && unknown.find("certificate") != std::string::npos) << unknown;
  const std::string other = Client(misnamed.url(), {.key = secret, .ca_file = ca}).failure();
  EXPECT_TRUE(other.starts_with("all: ") && other.find("certificate") != std::string::npos) << other;
  EXPECT_EQ(misnamed.requests(), 0);
  EXPECT_EQ(server.requests(), 1);
}

TEST(ChatClient, ReadsNoBodyWithoutEnd) {
  const FakeServer server(in_order({{.body = "{", .padding = 1 << 24}}));
  const Client client(server.url());
  const std::string why = client.failure();
  EXPECT_TRUE(why.starts_with("request: ") && why.find("KiB") != std::string::npos) << why;
}

TEST(ChatClient, SaysItAnotherWayWhereTheServerDoesNotTakeIt) {
  const auto strict = [](const FakeRequest& request) {
    const Json& body = request.body;
    // One that answers with 500 where it doesn't know a format, as llama-cpp-python's does.
    if (body.contains("response_format") && body["response_format"]["type"] == "json_schema") return refusal(500, "1 validation error: ('body', 'response_format', 'type')");
    if (body.contains("temperature")) return refusal(400, "Unsupported value: 'temperature' does not support 0 with this model");
    if (body.contains("seed")) return refusal(422, "extra fields not permitted: seed");
    if (body.contains("max_tokens")) return refusal(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.");
    return completion("yes");
  };
  const FakeServer server(strict);
  const Client client(server.url());
  EXPECT_EQ(client.ask().text, "yes");
  const Json last = server.seen().back().body;
  EXPECT_EQ(last["response_format"]["type"], "json_object");
  EXPECT_EQ(last["response_format"]["schema"], schema);
  EXPECT_EQ(last["max_completion_tokens"], 100);
  EXPECT_EQ(client.client->dialect().in_words(), "held by a JSON object with a schema, without a temperature, without a seed, with max_completion_tokens");
  EXPECT_TRUE(client.waited.empty());
  const int64_t before = server.requests();
  client.ask();
  EXPECT_EQ(server.requests(), before + 1);  // it remembers
}

TEST(ChatClient, EndsWithWordsAlone) {
  const FakeServer server([](const FakeRequest& request) { return request.body.contains("response_format") ? refusal(400, "Bad Request") : completion("yes"); });
  const Client client(server.url());
  EXPECT_EQ(client.ask().text, "yes");
  EXPECT_EQ(client.client->dialect().format, Dialect::Format::text);
  const FakeServer never(in_order({refusal(400, "your prompt breaks our rules")}));
  const std::string why = Client(never.url()).failure();
  EXPECT_TRUE(why.starts_with("request: ") && why.find("breaks our rules") != std::string::npos) << why;
}

TEST(ChatClient, WrongKeysAndModelsEndItAtOnce) {
  for (const int status : {401, 403, 404}) {
    const FakeServer server(in_order({refusal(status, "no such thing as " + secret + " or " + secret.substr(0, 12) + "… here")}));
    const std::string why = Client(server.url(), {.key = secret}).failure();
    EXPECT_TRUE(why.starts_with("all: ")) << why;
    EXPECT_NE(why.find("no such thing as [key] or [key]"), std::string::npos) << why;
    EXPECT_EQ(server.requests(), 1);
  }
}

TEST(ChatClient, NoErrorHoldsTheKey) {
  for (const auto& reply : {refusal(500, secret), refusal(400, "x" + secret + "y"), FakeReply{.body = "{\"choices\": \"" + secret + "\"}"}, FakeReply{.status = 418, .body = secret.substr(5, 14)},
                            FakeReply{.status = 302, .headers = {{"Location", "https://a.example/?" + secret}}}}) {
    const FakeServer server(in_order({reply}));
    const std::string why = Client(server.url(), {.key = secret, .most_tries = 1}).failure();
    EXPECT_EQ(why.find("secret"), std::string::npos) << why;
    EXPECT_EQ(why.find('\n'), std::string::npos) << why;
  }
  EXPECT_EQ(without_key("a " + secret.substr(0, 10) + secret.substr(3, 9) + " b", secret), "a [key][key] b");
  EXPECT_EQ(without_key("nothing", ""), "nothing");
}

TEST(ChatClient, AsksFromManyThreadsAsFastAsTheyAllow) {
  constexpr int threads = 64, rounds = 4;
  constexpr double latency = 0.3;
  const FakeServer server([](const FakeRequest&) {
    FakeReply reply = completion("yes");
    reply.after_s = latency;
    return reply;
  });
  const Client client(server.url());
  std::vector<std::thread> all;
  const auto begin = std::chrono::steady_clock::now();
  for (int t = 0; t < threads; ++t) {
    all.emplace_back([&] {
      for (int i = 0; i < rounds; ++i) client.ask();
    });
  }
  for (auto& one : all) one.join();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_EQ(server.requests(), threads * rounds);
  EXPECT_LT(seconds, 3 * rounds * latency);  // one after the other would be 77 s; a machine may be busy
}

}  // namespace
}  // namespace segue
