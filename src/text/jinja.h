#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"

namespace segue::jinja {

// The expressions of Jinja, as far as chat templates go (text/chat_template.h).

using Json = nlohmann::ordered_json;

/// A value; a name that stands for nothing is no value at all, which `is defined` tells.
struct Value {
  Json json;
  bool defined = true;
};

Error wrong(const std::string& what);
bool truth(const Json& value);
std::string text_of(const Value& value);
/// Without blanks at its ends.
std::string trimmed(std::string text, bool left = true, bool right = true);

struct Word {
  enum Kind { name, text, number, sign, end } kind = end;
  std::string is;
};

/// The words of an expression or a statement, and one that says it ends.
std::vector<Word> words_of(std::string_view code);

/// Names of the innermost block first.
class Scope {
 public:
  explicit Scope(Scope* outer = nullptr) : outer_(outer) {}
  Value get(const std::string& name) const {
    const auto found = names_.find(name);
    if (found != names_.end()) return {found->second};
    return outer_ == nullptr ? Value{{}, false} : outer_->get(name);
  }
  void set(const std::string& name, Json value) { names_[name] = std::move(value); }
  /// Where a name was set, for `set ns.x`.
  Json* find(const std::string& name) {
    const auto found = names_.find(name);
    if (found != names_.end()) return &found->second;
    return outer_ == nullptr ? nullptr : outer_->find(name);
  }

 private:
  Scope* outer_;
  std::map<std::string, Json> names_;
};

/// The value of an expression that begins at a word and goes on to the end. Throws Error on what is not understood.
Value value_of(const std::vector<Word>& words, const Scope& scope, size_t from = 0);

}  // namespace segue::jinja
