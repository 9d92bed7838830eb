#include "sessions/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <tuple>

namespace segue {

struct Sha256::Impl {
  EVP_MD_CTX* context;
};

Sha256::Sha256() : impl_(new Impl{EVP_MD_CTX_new()}) {
  if (impl_->context == nullptr || EVP_DigestInit_ex(impl_->context, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("Sha256: the library has no SHA-256");
  }
}

Sha256::~Sha256() {
  EVP_MD_CTX_free(impl_->context);
  delete impl_;
}

void Sha256::add(std::string_view bytes) { EVP_DigestUpdate(impl_->context, bytes.data(), bytes.size()); }

std::string Sha256::hex() {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(impl_->context, out, &size);
  std::string text;
  for (unsigned int i = 0; i < size; ++i) fmt::format_to(std::back_inserter(text), "{:02x}", out[i]);
  return text;
}

std::string digest(std::vector<DigestRow> rows, const std::vector<std::string>& users, const std::vector<std::string>& keys) {
  std::sort(rows.begin(), rows.end(), [](const DigestRow& a, const DigestRow& b) {
    return std::tie(a.listener, a.second, a.session, a.key) < std::tie(b.listener, b.second, b.session, b.key);
  });
  Sha256 hash;
  std::string lines;
  for (const auto& row : rows) {
    fmt::format_to(std::back_inserter(lines), "{}\t{}\t{}\t{}\n", users[static_cast<size_t>(row.listener)], row.second,
                   keys[static_cast<size_t>(row.key)], row.session);
    if (lines.size() > (1 << 20)) {
      hash.add(lines);
      lines.clear();
    }
  }
  hash.add(lines);
  return hash.hex();
}

}  // namespace segue
