#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace segue {

/// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(std::string_view bytes);
  std::string hex();

 private:
  struct Impl;
  Impl* impl_;
};

/// One row of a table that is hashed.
struct DigestRow {
  int32_t listener;   // number that sorts like the name
  int64_t second;
  int64_t session;
  int32_t key;        // number that sorts like the text of the key
};

/// Rule R8: SHA-256 of the lines "user TAB epoch-seconds TAB track key TAB session LF", sorted by user, time, session,
/// track key. Equal rows give equal lines twice.
std::string digest(std::vector<DigestRow> rows, const std::vector<std::string>& users, const std::vector<std::string>& keys);

}  // namespace segue
