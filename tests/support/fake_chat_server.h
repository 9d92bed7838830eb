#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace segue {

/// What goes over a socket: bytes as they are, or inside TLS (support/fake_tls.h).
class Channel {
 public:
  explicit Channel(int socket) : socket_(socket) {}
  virtual ~Channel() = default;
  virtual int64_t read(char* to, size_t most) { return ::recv(socket_, to, most, 0); }
  virtual bool write(const char* from, size_t bytes) {
    while (bytes > 0) {
      const ssize_t done = ::send(socket_, from, bytes, MSG_NOSIGNAL);
      if (done <= 0) return false;
      from += done;
      bytes -= static_cast<size_t>(done);
    }
    return true;
  }

 protected:
  int socket_;
};

/// What a client sent.
struct Received {
  std::string method, path;  // path: with its query
  std::map<std::string, std::string> headers;  // names in lower case
  std::string text;
  nlohmann::json body;  // discarded() where the text is none
  int64_t number = 0;   // 0 is the first
};

/// What it gets, after `latency`.
struct Reply {
  enum class End {
    whole,
    hang,     // nothing, as long as the server lives or the client waits
    cut,      // nothing, and the connection is closed
    halfway,  // closed after half of the body
    raw,      // the body as it is, without status and headers, and the connection is closed
    endless,  // the body again and again
  };
  int status = 200;
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::chrono::milliseconds latency{0};
  End end = End::whole;
};

/// A chat completion with that answer.
inline std::string chat_envelope(const std::string& content, const std::string& finish = "stop", int64_t prompt_tokens = 100, int64_t answer_tokens = 10) {
  const nlohmann::json json{
      {"id", "chatcmpl-1"},
      {"object", "chat.completion"},
      {"choices", {{{"index", 0}, {"message", {{"role", "assistant"}, {"content", content}}}, {"finish_reason", finish}}}},
      {"usage", {{"prompt_tokens", prompt_tokens}, {"completion_tokens", answer_tokens}, {"total_tokens", prompt_tokens + answer_tokens}}}};
  return json.dump();
}

inline std::string chat_error(const std::string& message, const std::string& param = "") {
  return nlohmann::json{{"error", {{"message", message}, {"type", "invalid_request_error"}, {"param", param}}}}.dump();
}

/// An HTTP server on 127.0.0.1, of tests: keeps connections, one thread each. The handler is called by all of them at once.
class FakeChatServer {
 public:
  using Handler = std::function<Reply(const Received&)>;
  using MakeChannel = std::function<std::unique_ptr<Channel>(int socket)>;  // null where the other side goes away

  explicit FakeChatServer(Handler handler, MakeChannel channel = [](int socket) { return std::make_unique<Channel>(socket); })
      : handler_(std::move(handler)), make_channel_(std::move(channel)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 1024) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("FakeChatServer: no port");
    }
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread([this] { accept_all(); });
  }

  ~FakeChatServer() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    ::shutdown(listener_, SHUT_RDWR);
    accepting_.join();
    ::close(listener_);
    for (auto& one : connections_) ::shutdown(one.socket, SHUT_RDWR);
    for (auto& one : connections_) finish(one);
  }
  FakeChatServer(const FakeChatServer&) = delete;
  FakeChatServer& operator=(const FakeChatServer&) = delete;

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int64_t requests() const { return requests_; }
  int64_t connections() const { return connected_; }
  /// The latest, oldest first; at most `kept`.
  std::vector<Received> received() const {
    const std::lock_guard lock(mutex_);
    return {received_.begin(), received_.end()};
  }
  static constexpr size_t kept = 256;

 private:
  struct Connection {
    int socket;
    std::atomic<bool> done = false;
    std::thread thread = {};
    explicit Connection(int socket) : socket(socket) {}
  };

  static void finish(Connection& one) {
    one.thread.join();
    ::close(one.socket);
  }

  void accept_all() {
    sigset_t pipe;  // of a client that went away; kept from the threads that start here
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    for (;;) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      connections_.remove_if([](Connection& one) {
        const bool done = one.done;
        if (done) finish(one);
        return done;
      });
      if (socket < 0) return;
      ++connected_;
      const int on = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      auto& one = connections_.emplace_back(socket);
      one.thread = std::thread([this, &one] {
        if (const auto channel = make_channel_(one.socket)) serve(*channel);
        ::shutdown(one.socket, SHUT_RDWR);
        one.done = true;
      });
    }
  }

  void serve(Channel& channel) {
    std::string buffer;
    Received request;
    while (read_request(channel, buffer, request)) {
      request.number = requests_++;
      {
        const std::lock_guard lock(mutex_);
        received_.push_back(request);
        if (received_.size() > kept) received_.pop_front();
      }
      const Reply reply = handler_(request);
      if (!pass(reply.end == Reply::End::hang ? std::chrono::hours(1) : reply.latency) || !send(channel, reply)) return;
    }
  }

  /// False where the server stops meanwhile.
  bool pass(std::chrono::milliseconds time) {
    if (time.count() == 0) return true;
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, time, [this] { return stop_; });
  }

  static bool read_until(Channel& channel, std::string& buffer, const std::function<bool()>& enough) {
    char block[16384];
    while (!enough()) {
      const int64_t bytes = channel.read(block, sizeof block);
      if (bytes <= 0) return false;
      buffer.append(block, static_cast<size_t>(bytes));
    }
    return true;
  }

  static bool read_request(Channel& channel, std::string& buffer, Received& to) {
    size_t head = 0;
    if (!read_until(channel, buffer, [&] { return (head = buffer.find("\r\n\r\n")) != std::string::npos; })) return false;
    to = {};
    read_head(buffer.substr(0, head + 2), to);
    const auto said = to.headers.find("content-length");
    const size_t bytes = said == to.headers.end() ? 0 : std::stoul(said->second);
    if (!read_until(channel, buffer, [&] { return buffer.size() >= head + 4 + bytes; })) return false;
    to.text = buffer.substr(head + 4, bytes);
    to.body = nlohmann::json::parse(to.text, nullptr, false);
    buffer.erase(0, head + 4 + bytes);
    return true;
  }

  /// head: lines that end in CR LF.
  static void read_head(const std::string& head, Received& to) {
    size_t at = head.find("\r\n");
    const size_t blank = head.find(' ');
    to.method = head.substr(0, blank);
    to.path = head.substr(blank + 1, head.find(' ', blank + 1) - blank - 1);
    for (at += 2; at < head.size();) {
      const size_t end = head.find("\r\n", at), colon = head.find(':', at);
      std::string name = head.substr(at, colon - at);
      for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
      const size_t value = head.find_first_not_of(' ', colon + 1);
      to.headers[name] = head.substr(value, end - value);
      at = end + 2;
    }
  }

  /// False where the connection ends.
  static bool send(Channel& channel, const Reply& reply) {
    const auto write = [&](const std::string& text) { return channel.write(text.data(), text.size()); };
    if (reply.end == Reply::End::hang || reply.end == Reply::End::cut) return false;
    if (reply.end == Reply::End::raw) return write(reply.body) && false;
    std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " Whatever\r\n";
    for (const auto& [name, value] : reply.headers) head += name + ": " + value + "\r\n";
    if (reply.end == Reply::End::endless) {
      if (!write(head + "\r\n")) return false;
      while (write(reply.body)) {}
      return false;
    }
    head += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n";
    if (reply.end == Reply::End::halfway) return write(head + reply.body.substr(0, reply.body.size() / 2)) && false;
    return write(head + reply.body);
  }

  Handler handler_;
  MakeChannel make_channel_;
  int listener_, port_ = 0;
  std::atomic<int64_t> requests_ = 0, connected_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::deque<Received> received_;
  std::list<Connection> connections_;  // the accepting thread's
  std::thread accepting_;
};

}  // namespace segue
