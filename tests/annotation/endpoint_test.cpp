#include "annotation/endpoint.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "core/error.h"
#include "support/scratch.h"

namespace segue {
namespace {

std::string error_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Endpoint, IsThatOfChatCompletions) {
  EXPECT_EQ(read_endpoint("http://127.0.0.1:8080").url, "http://127.0.0.1:8080/v1/chat/completions");
  EXPECT_EQ(read_endpoint("http://127.0.0.1:8080/").url, "http://127.0.0.1:8080/v1/chat/completions");
  EXPECT_EQ(read_endpoint("https://api.example.com/v1").url, "https://api.example.com/v1/chat/completions");
  EXPECT_EQ(read_endpoint("https://api.example.com/v1/chat/completions").url, "https://api.example.com/v1/chat/completions");
  EXPECT_EQ(read_endpoint("https://example.com/api/v1/?api-version=2024-10-21#top").url, "https://example.com/api/v1/chat/completions?api-version=2024-10-21");
}

TEST(Endpoint, SaysWhereWithoutPathAndQuery) {
  EXPECT_EQ(read_endpoint("https://API.example.com/v1?code=secret").where, "api.example.com");
  EXPECT_EQ(read_endpoint("http://127.0.0.1:8080/v1").where, "127.0.0.1:8080");
}

TEST(Endpoint, KnowsThisMachine) {
  for (const char* url : {"http://127.0.0.1", "http://127.8.9.1:80", "http://localhost:1", "http://LOCALHOST", "http://[::1]:8080", "http://127.1", "http://0x7f.1"}) {
    EXPECT_TRUE(read_endpoint(url).loopback) << url;
  }
  for (const char* url : {"http://127.example.com", "http://localhost.example.com", "http://128.0.0.1", "http://[::2]", "http://0.0.0.0", "http://127.0.0.1.2", "http://127.0.0.1.example.com"}) {
    EXPECT_FALSE(read_endpoint(url).loopback) << url;
  }
}

TEST(Endpoint, RefusesWhatIsNone) {
  for (const char* url : {"", "127.0.0.1:8080", "localhost:8080", "ftp://example.com", "file:///etc/passwd", "http://", "https://a b", "nothing"}) {
    const std::string error = error_of([&] { read_endpoint(url); });
    EXPECT_NE(error.find("https://HOST/v1"), std::string::npos) << url << ": " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos);
  }
}

TEST(Endpoint, RefusesAUserAndAPasswordWithoutQuotingThem) {
  for (const char* url : {"https://me:hunter2@example.com/v1", "https://hunter2@example.com", "https://:hunter2@example.com", "ftp://me:hunter2@example.com"}) {
    const std::string error = error_of([&] { read_endpoint(url); });
    EXPECT_NE(error, "") << url;
    EXPECT_EQ(error.find("hunter2"), std::string::npos) << error;
  }
}

TEST(Key, IsReadFromAFileOrTheEnvironment) {
  const Scratch scratch;
  EXPECT_EQ(read_key("SEGUE_TEST_KEY", scratch.file("key", "  sk-12345678\r\n\n")), "sk-12345678");
  EXPECT_EQ(read_key("SEGUE_TEST_KEY", ""), "");
  ::setenv("SEGUE_TEST_KEY", "sk-of-the-environment", 1);
  EXPECT_EQ(read_key("SEGUE_TEST_KEY", ""), "sk-of-the-environment");
  EXPECT_EQ(read_key("SEGUE_TEST_KEY", scratch / "key"), "sk-12345678");
  ::unsetenv("SEGUE_TEST_KEY");
}

TEST(Key, IsRefusedWhereItIsNone) {
  const Scratch scratch;
  for (const char* text : {"", " \n", "sk-12345678\nsk-87654321", "sk-1234\x01""5678", "sk 12345678", "sk-123456\xC3\xA9"}) {
    const Path file = scratch.file("key", text);
    const std::string error = error_of([&] { read_key("", file); });
    EXPECT_NE(error.find(file.string()), std::string::npos) << text;
    EXPECT_EQ(error.find("1234"), std::string::npos) << error;
  }
  EXPECT_THROW(read_key("", scratch / "nowhere"), Error);
}

TEST(Key, GoesOverTlsOrStaysOnThisMachine) {
  EXPECT_NO_THROW(check_key(read_endpoint("https://example.com"), "sk-12345678"));
  EXPECT_NO_THROW(check_key(read_endpoint("http://127.0.0.1"), "sk-12345678"));
  EXPECT_NO_THROW(check_key(read_endpoint("http://example.com"), ""));
  const std::string error = error_of([] { check_key(read_endpoint("http://example.com"), "sk-12345678"); });
  EXPECT_NE(error.find("https://"), std::string::npos);
  EXPECT_EQ(error.find("sk-"), std::string::npos);
  EXPECT_THROW(check_key(read_endpoint("https://example.com"), "sk\r\nX-Evil: 1"), Error);
}

TEST(Key, IsTakenOutOfTexts) {
  const std::string key = "sk-ABCDEFGHIJKLMNOP";
  EXPECT_EQ(without_key("wrong key sk-ABCDEFGHIJKLMNOP!", key), "wrong key [key]!");
  EXPECT_EQ(without_key("wrong key sk-ABCDE...", key), "wrong key [key]...");
  EXPECT_EQ(without_key("it ends in IJKLMNOP", key), "it ends in [key]");
  EXPECT_EQ(without_key("SK-abcdefghijklmnop", key), "[key]");
  EXPECT_EQ(without_key("it ends in MNOP", key), "it ends in MNOP");
  EXPECT_EQ(without_key("short: abc", "abc"), "short: [key]");
  EXPECT_EQ(without_key("nothing", ""), "nothing");
}

}  // namespace
}  // namespace segue
