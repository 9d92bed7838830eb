#pragma once

#include "text/token_model.h"

namespace segue {

/// Byte pair encoding (Sennrich et al., 2016, arXiv:1508.07909): a word begins as its characters, and of all neighbours
/// that may be merged the pair which was learned first is, until none is left; of equal pairs the leftmost.
class BytePairs : public TokenModel {
 public:
  BytePairs(const nlohmann::json& spec, const std::string& where);
  void tokens_of(std::string_view word, std::vector<int32_t>& into) const override;

 private:
  struct Merge {
    int32_t rank, made;
  };
  void begin(std::string_view word, std::vector<int32_t>& into) const;
  const Merge* merge_of(int32_t left, int32_t right) const;

  std::unordered_map<uint64_t, Merge> merges_;
  std::optional<int32_t> unknown_;
  std::vector<int32_t> bytes_;  // the tokens <0x00> … <0xFF>; empty where they are not used
  bool fuse_unknown_, whole_words_first_;
};

}  // namespace segue
