#pragma once

#include <nlohmann/json.hpp>

#include <string>

#include "core/error.h"
#include "core/files.h"
#include "core/tensor.h"

namespace segue {

/// A JSON file beside the weights of a pretrained network, config.json or preprocessor_config.json. What it does not say is as
/// the library that wrote it has it; null counts as not said.
class NetworkConfig {
 public:
  /// Throws Error: no such file, damaged.
  explicit NetworkConfig(const Path& file);
  /// One that says nothing where there is no such file.
  static NetworkConfig if_there(const Path& file);

  /// Throws Error where the value is of another kind.
  template <class Value>
  Value get(const char* name, const Value& otherwise) const {
    const auto found = json_.find(name);
    if (found == json_.end() || found->is_null()) return otherwise;
    try {
      return found->template get<Value>();
    } catch (const nlohmann::json::exception&) {
      throw Error("{}: {} is {}, which is not what it should be", where_, name, found->dump());
    }
  }
  /// A size or a count; throws Error besides where it is less than `least` or absurdly large.
  int64_t size(const char* name, int64_t otherwise, int64_t least = 1) const;
  std::vector<int64_t> sizes(const char* name, const std::vector<int64_t>& otherwise) const;
  /// One number for two axes, or two numbers.
  std::vector<int64_t> pair(const char* name, int64_t otherwise) const;
  bool has(const char* name) const { return json_.contains(name) && !json_.at(name).is_null(); }
  NetworkConfig section(const char* name) const;
  const std::string& where() const { return where_; }

 private:
  NetworkConfig(nlohmann::json json, std::string where) : json_(std::move(json)), where_(std::move(where)) {}
  void check(const char* name, int64_t size, int64_t least) const;

  nlohmann::json json_;
  std::string where_;
};

/// Two networks that could be meant with one folder are told apart by this word of its config.json; "" where it has none.
std::string model_type_of(const Path& folder);

/// What a layer does to each number on its own: gelu, relu, … by the names that config.json has.
using Activation = Tensor (*)(const Tensor&);
/// Throws Error with the known names, and where it was said.
Activation activation_of(const NetworkConfig& config, const char* name, const std::string& otherwise);

}  // namespace segue
