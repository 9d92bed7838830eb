#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/files.h"
#include "core/registry.h"

namespace segue {

/// Where the weights of a layer stand, behind "encoder.layer.0.".
struct TextLayerNames {
  const char *query, *key, *value, *out, *norm;
};

/// What tells one kind of encoder from another, beside sizes: BERT (Devlin et al., 2019, arXiv:1810.04805), RoBERTa (Liu et
/// al., 2019, arXiv:1907.11692), XLM-R (Conneau et al., 2020, arXiv:1911.02116), MPNet (Song et al., 2020, arXiv:2004.09297).
struct TextArchitecture {
  const char* inside;        // what the names of its weights begin with, in checkpoints of models that are made of more
  TextLayerNames names;
  bool kinds;                // there is a vector for each kind of tokens; texts by themselves are of kind 0
  bool behind_padding;       // positions go on from the number of the padding token, which doesn't count itself
  bool relative;             // attention has a bias by how far apart two tokens stand
  double epsilon;
};
/// By the model_type of a config.json.
const Registry<TextArchitecture>& text_architectures();

/// The sizes of an encoder of words.
struct TextConfig {
  TextArchitecture architecture;
  std::string name;       // of the architecture
  int64_t width = 0;      // D, numbers of a state
  int64_t inner = 0;      // of the feed-forward layers
  int64_t layers = 0, heads = 0;
  int64_t vocabulary = 0; // V
  int64_t positions = 0;  // rows of their table
  int64_t kinds = 0;      // of tokens
  int64_t buckets = 0;    // of relative positions
  int64_t padding = 0;    // token
  double epsilon = 0;     // of the norms

  int64_t first_position() const { return architecture.behind_padding ? padding + 1 : 0; }
  /// The tokens that a text can have.
  int64_t longest() const { return positions - first_position(); }
};

/// Of a part of a config.json, which `where` names. Sizes that are not given are those of the published base models.
/// Throws Error: an architecture that is not known, a size that can't be, something that is not supported.
TextConfig text_config_of(const nlohmann::json& part, const std::string& architecture, const std::string& where);
/// Of a folder's config.json and its model_type.
TextConfig read_text_config(const Path& folder);

}  // namespace segue
