#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "support/fake_chat_server.h"

namespace segue {

/// A certificate that signs itself, made anew, and connections that show it. Links OpenSSL::SSL.
class FakeTls {
 public:
  /// names: "DNS:localhost,IP:127.0.0.1"
  explicit FakeTls(const std::string& names) : key_(EVP_EC_gen("P-256")), certificate_(X509_new()), context_(SSL_CTX_new(TLS_server_method())) {
    X509_set_version(certificate_, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
    X509_set_pubkey(certificate_, key_);
    X509_NAME* name = X509_get_subject_name(certificate_);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("segue test"), -1, -1, 0);
    X509_set_issuer_name(certificate_, name);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    if (extension == nullptr) throw std::runtime_error("FakeTls: no such names");
    X509_add_ext(certificate_, extension, -1);
    X509_EXTENSION_free(extension);
    if (X509_sign(certificate_, key_, EVP_sha256()) == 0 || SSL_CTX_use_certificate(context_, certificate_) != 1 ||
        SSL_CTX_use_PrivateKey(context_, key_) != 1) {
      throw std::runtime_error("FakeTls: no certificate");
    }
  }
  ~FakeTls() {
    SSL_CTX_free(context_);
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }
  FakeTls(const FakeTls&) = delete;
  FakeTls& operator=(const FakeTls&) = delete;

  std::string pem() const {
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(out, certificate_);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out, &text);
    const std::string copy(text, static_cast<size_t>(size));
    BIO_free(out);
    return copy;
  }

  /// Must not outlive this.
  FakeChatServer::MakeChannel channels() {
    return [context = context_](int socket) -> std::unique_ptr<Channel> {
      auto channel = std::make_unique<TlsChannel>(socket, context);
      return channel->open() ? std::move(channel) : nullptr;
    };
  }

 private:
  class TlsChannel : public Channel {
   public:
    TlsChannel(int socket, SSL_CTX* context) : Channel(socket), ssl_(SSL_new(context)) { SSL_set_fd(ssl_, socket); }
    ~TlsChannel() override { SSL_free(ssl_); }
    bool open() { return SSL_accept(ssl_) == 1; }
    int64_t read(char* to, size_t most) override { return SSL_read(ssl_, to, static_cast<int>(most)); }
    bool write(const char* from, size_t bytes) override { return bytes == 0 || SSL_write(ssl_, from, static_cast<int>(bytes)) > 0; }

   private:
    SSL* ssl_;
  };

  EVP_PKEY* key_;
  X509* certificate_;
  SSL_CTX* context_;
};

}  // namespace segue
