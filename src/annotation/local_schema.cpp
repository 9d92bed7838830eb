#include "annotation/local_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "core/console.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

std::string quoted(const std::string& text) {
  std::string out;
  for (const char c : Json(valid_utf8(text)).dump()) {
    if (c == '<') out += "\\u003c";
    else out += c;
  }
  return out;
}

std::string written(const Json& value) {
  if (value.is_string()) return quoted(value.get<std::string>());
  return value.is_number_float() ? fmt::format("{}", value.get<double>()) : value.dump();
}

class Writer {
 public:
  Writer(const Json& whole, const std::vector<std::string>& strings) : whole_(whole), strings_(strings) { parts_.emplace_back(); }

  std::vector<AnswerPart> parts() {
    value(whole_);
    if (used_ != strings_.size()) throw std::invalid_argument(fmt::format("answer_parts: {} strings given, {} in the schema", strings_.size(), used_));
    return std::move(parts_);
  }

 private:
  /// What a schema comes to, behind its references.
  const Json& target(const Json& schema) const {
    const Json* at = &schema;
    for (int steps = 0; at->contains("$ref"); ++steps) {
      const auto name = at->at("$ref").get<std::string>();
      if (steps > 100 || !name.starts_with("#")) throw std::invalid_argument("answer_parts: a $ref leads nowhere: " + name);
      at = &whole_.at(Json::json_pointer(name.substr(1)));
    }
    return *at;
  }

  void value(const Json& schema) {
    const Json& is = target(schema);
    std::vector<std::string> allowed;
    if (choices(is, allowed)) return choose(std::move(allowed));
    const std::string type = is.value("type", "");
    if (type == "object") return object(is);
    if (type != "string") throw std::invalid_argument("answer_parts: neither an object, an enum nor a string: " + is.dump().substr(0, 200));
    if (used_ == strings_.size()) throw std::invalid_argument(fmt::format("answer_parts: {} strings given, the schema has more", used_));
    parts_.back().text += quoted(strings_[used_++]);
  }

  void object(const Json& is) {
    if (++depth_ > 100) throw std::invalid_argument("answer_parts: an object that holds itself");
    const char* before = "{";
    for (const auto& [key, inside] : is.at("properties").items()) {
      parts_.back().text.append(before).append(quoted(key)).append(":");
      before = ",";
      value(inside);
    }
    parts_.back().text += is.at("properties").empty() ? "{}" : "}";
    --depth_;
  }

  /// Whether a schema is a list of values; adds them.
  bool choices(const Json& is, std::vector<std::string>& into) const {
    if (is.contains("enum")) {
      for (const auto& one : is.at("enum")) {
        if (auto text = written(one); std::find(into.begin(), into.end(), text) == into.end()) into.push_back(std::move(text));
      }
      return true;
    }
    if (!is.contains("anyOf")) return false;
    for (const auto& one : is.at("anyOf")) {
      if (!choices(target(one), into)) throw std::invalid_argument("answer_parts: anyOf of something else than enums");
    }
    return true;
  }

  void choose(std::vector<std::string> allowed) {
    if (allowed.empty()) throw std::invalid_argument("answer_parts: an enum that allows nothing");
    if (allowed.size() == 1) {
      parts_.back().text += allowed.front();
      return;
    }
    parts_.back().choices = std::move(allowed);
    parts_.emplace_back();
  }

  const Json& whole_;
  const std::vector<std::string>& strings_;
  std::vector<AnswerPart> parts_;
  size_t used_ = 0;
  int depth_ = 0;
};

}  // namespace

std::vector<AnswerPart> answer_parts(const Json& schema, const std::vector<std::string>& strings) { return Writer(schema, strings).parts(); }

}  // namespace segue
