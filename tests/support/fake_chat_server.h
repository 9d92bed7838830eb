#pragma once

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/files.h"

namespace segue {

/// What came to the fake server.
struct FakeRequest {
  std::string method, path, text;
  std::map<std::string, std::string> headers;  // names in lower case
  nlohmann::ordered_json body;
  int64_t number = 0;  // 0 for the first
};

/// What it does about it.
struct FakeReply {
  int status = 200;
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  double after_s = 0;           // waits so long first
  bool cut_before = false;      // closes without a word
  int64_t cut_after = -1;       // closes after so many bytes of the body
  int64_t padding = 0;          // adds so many blanks to the body, slowly made
};

/// A certificate for a host, signed by itself, and its key, as PEM.
struct FakeCertificate {
  std::string certificate, key;
  explicit FakeCertificate(const std::string& name) {
    EVP_PKEY* pair = EVP_EC_gen("P-256");
    X509* made = X509_new();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made), 86400);
    X509_set_pubkey(made, pair);
    X509_NAME* subject = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(made, subject);
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, made, made, nullptr, nullptr, 0);
    const bool address = name.find_first_not_of("0123456789.") == std::string::npos;
    for (const auto& [what, value] : {std::pair{NID_subject_alt_name, (address ? "IP:" : "DNS:") + name}, {NID_basic_constraints, std::string("critical,CA:TRUE")}}) {
      X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
      X509_add_ext(made, extension, -1);
      X509_EXTENSION_free(extension);
    }
    X509_sign(made, pair, EVP_sha256());
    certificate = pem([&](BIO* out) { PEM_write_bio_X509(out, made); });
    key = pem([&](BIO* out) { PEM_write_bio_PrivateKey(out, pair, nullptr, nullptr, 0, nullptr, nullptr); });
    X509_free(made);
    EVP_PKEY_free(pair);
  }

 private:
  template <class Write>
  static std::string pem(const Write& write) {
    BIO* out = BIO_new(BIO_s_mem());
    write(out);
    char* bytes = nullptr;
    const auto size = static_cast<size_t>(BIO_get_mem_data(out, &bytes));
    std::string text(bytes, size);
    BIO_free(out);
    return text;
  }
};

/// A server on this machine that behaves as it is told, a thread for each connection.
class FakeServer {
 public:
  using Handler = std::function<FakeReply(const FakeRequest&)>;
  explicit FakeServer(Handler handler, const FakeCertificate* certificate = nullptr) : handler_(std::move(handler)) {
    if (certificate != nullptr) tls_ = context_of(*certificate);
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listening_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listening_, 1024) != 0) throw std::runtime_error("no socket");
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread([this] { accept(); });
  }
  ~FakeServer() {
    stop_ = true;
    accepting_.join();
    for (auto& one : connections_) one.join();
    ::close(listening_);
    SSL_CTX_free(tls_);
  }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  int port() const { return port_; }
  std::string url() const { return (tls_ != nullptr ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_); }
  int64_t requests() const { return count_; }
  std::vector<FakeRequest> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  static SSL_CTX* context_of(const FakeCertificate& certificate) {
    SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
    BIO* in = BIO_new_mem_buf(certificate.certificate.data(), static_cast<int>(certificate.certificate.size()));
    X509* const own = PEM_read_bio_X509(in, nullptr, nullptr, nullptr);
    BIO_free(in);
    in = BIO_new_mem_buf(certificate.key.data(), static_cast<int>(certificate.key.size()));
    EVP_PKEY* const key = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
    BIO_free(in);
    SSL_CTX_use_certificate(context, own);
    SSL_CTX_use_PrivateKey(context, key);
    X509_free(own);
    EVP_PKEY_free(key);
    return context;
  }

  /// A connection's bytes, encrypted or not. Reading ends when the server stops.
  struct Stream {
    const FakeServer& server;
    int socket;
    SSL* tls = nullptr;
    std::string ahead = {};

    bool more() {
      char block[65536];
      while (tls == nullptr || SSL_pending(tls) == 0) {
        pollfd ready{socket, POLLIN, 0};
        if (::poll(&ready, 1, 20) > 0) break;
        if (server.stop_) return false;
      }
      const auto got = tls != nullptr ? SSL_read(tls, block, sizeof block) : ::recv(socket, block, sizeof block, 0);
      if (got <= 0) return false;
      ahead.append(block, static_cast<size_t>(got));
      return true;
    }
    bool write(const std::string& text) const {
      for (size_t at = 0; at < text.size();) {
        const auto put = tls != nullptr ? SSL_write(tls, text.data() + at, static_cast<int>(text.size() - at)) : ::send(socket, text.data() + at, text.size() - at, MSG_NOSIGNAL);
        if (put <= 0) return false;
        at += static_cast<size_t>(put);
      }
      return true;
    }
  };

  void accept() {
    while (!stop_) {
      pollfd ready{listening_, POLLIN, 0};
      if (::poll(&ready, 1, 20) <= 0) continue;
      const int socket = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) continue;
      const int on = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      connections_.emplace_back([this, socket] { serve(socket); });
    }
  }

  void serve(int socket) {
    sigset_t pipe;  // OpenSSL writes without asking whether anybody is there
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    Stream stream{*this, socket};
    if (tls_ != nullptr) {
      stream.tls = SSL_new(tls_);
      SSL_set_fd(stream.tls, socket);
    }
    if (stream.tls == nullptr || SSL_accept(stream.tls) == 1) {
      while (one(stream)) {
      }
    }
    SSL_free(stream.tls);
    ::close(socket);
  }

  /// One request and its reply; false where the connection ends.
  bool one(Stream& stream) {
    size_t end = 0;
    while ((end = stream.ahead.find("\r\n\r\n")) == std::string::npos) {
      if (!stream.more()) return false;
    }
    FakeRequest request = head_of(stream.ahead.substr(0, end));
    const auto length = request.headers.find("content-length");
    const size_t body = length == request.headers.end() ? 0 : std::stoul(length->second);
    while (stream.ahead.size() < end + 4 + body) {
      if (!stream.more()) return false;
    }
    request.text = stream.ahead.substr(end + 4, body);
    stream.ahead.erase(0, end + 4 + body);
    request.body = nlohmann::ordered_json::parse(request.text, nullptr, false);
    {
      const std::lock_guard lock(mutex_);
      request.number = count_++;
      if (seen_.size() < 4096) seen_.push_back(request);
    }
    return answer(stream, handler_(request));
  }

  static FakeRequest head_of(const std::string& head) {
    FakeRequest request;
    request.method = head.substr(0, head.find(' '));
    request.path = head.substr(request.method.size() + 1, head.find(' ', request.method.size() + 1) - request.method.size() - 1);
    for (size_t at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2)) {
      const std::string line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
      const size_t colon = line.find(": ");
      if (colon == std::string::npos) continue;
      std::string name = line.substr(0, colon);
      for (auto& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      request.headers[name] = line.substr(colon + 2);
    }
    return request;
  }

  bool answer(const Stream& stream, const FakeReply& reply) const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(reply.after_s);
    while (std::chrono::steady_clock::now() < until && !stop_) std::this_thread::sleep_for(std::min<std::chrono::duration<double>>(until - std::chrono::steady_clock::now(), std::chrono::milliseconds(50)));
    if (reply.cut_before) return false;
    std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " Whatever\r\nContent-Type: application/json\r\n";
    for (const auto& [name, value] : reply.headers) text += name + ": " + value + "\r\n";
    text += "Content-Length: " + std::to_string(static_cast<int64_t>(reply.body.size()) + reply.padding) + "\r\n\r\n";
    text += reply.cut_after >= 0 ? reply.body.substr(0, static_cast<size_t>(reply.cut_after)) : reply.body;
    if (!stream.write(text) || reply.cut_after >= 0) return false;
    const std::string blanks(1 << 16, ' ');
    for (int64_t left = reply.padding; left > 0; left -= std::ssize(blanks)) {
      if (!stream.write(blanks.substr(0, static_cast<size_t>(std::min<int64_t>(left, std::ssize(blanks)))))) return false;
    }
    return true;
  }

  Handler handler_;
  SSL_CTX* tls_ = nullptr;
  int listening_ = -1, port_ = 0;
  std::atomic<bool> stop_ = false;
  std::atomic<int64_t> count_ = 0;
  mutable std::mutex mutex_;
  std::vector<FakeRequest> seen_;
  std::thread accepting_;
  std::list<std::thread> connections_;
};

/// A chat completion with this text.
inline FakeReply completion(const std::string& text, int64_t prompt_tokens = 100, int64_t answer_tokens = 50, const std::string& finish = "stop") {
  return {.body = nlohmann::json{{"choices", {{{"message", {{"role", "assistant"}, {"content", text}}}, {"finish_reason", finish}}}},
                                 {"usage", {{"prompt_tokens", prompt_tokens}, {"completion_tokens", answer_tokens}}}}.dump()};
}

/// A refusal in OpenAI's shape.
inline FakeReply refusal(int status, const std::string& message, std::vector<std::pair<std::string, std::string>> headers = {}) {
  return {.status = status, .body = nlohmann::json{{"error", {{"message", message}}}}.dump(), .headers = std::move(headers)};
}

}  // namespace segue
