#include "text/jinja.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "text/jinja_functions.h"

namespace segue::jinja {

Error wrong(const std::string& what) { return Error("chat template: {}", what); }

bool truth(const Json& value) {
  if (value.is_null()) return false;
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value != 0;
  if (value.is_string()) return !value.get_ref<const std::string&>().empty();
  return !value.empty();
}

std::string text_of(const Value& value) {
  if (!value.defined) return {};
  const Json& json = value.json;
  if (json.is_string()) return json.get<std::string>();
  if (json.is_boolean()) return json.get<bool>() ? "True" : "False";
  if (json.is_null()) return "None";
  return json.dump();
}

std::string trimmed(std::string text, bool left, bool right) {
  const auto blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  if (right) text.erase(std::find_if_not(text.rbegin(), text.rend(), blank).base(), text.end());
  if (left) text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), blank));
  return text;
}

std::vector<Word> words_of(std::string_view code) {
  std::vector<Word> words;
  for (size_t i = 0; i < code.size();) {
    const char c = code[i];
    const auto while_ = [&](const auto& goes_on) {
      const size_t begin = i;
      while (i < code.size() && goes_on(static_cast<unsigned char>(code[i]))) ++i;
      return std::string(code.substr(begin, i - begin));
    };
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      ++i;
    } else if (c == '\'' || c == '"') {
      std::string text;
      for (++i; i < code.size() && code[i] != c; ++i) {
        if (code[i] != '\\' || i + 1 == code.size()) {
          text += code[i];
          continue;
        }
        const char escaped = code[++i];
        text += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped == 'r' ? '\r' : escaped;
      }
      if (i++ >= code.size()) throw wrong("a string without an end");
      words.push_back({Word::text, text});
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      words.push_back({Word::number, while_([](unsigned char d) { return std::isdigit(d) != 0 || d == '.'; })});
    } else if (std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_') {
      words.push_back({Word::name, while_([](unsigned char d) { return std::isalnum(d) != 0 || d == '_'; })});
    } else {
      const std::string_view two = code.substr(i, 2);
      const bool pair = two == "==" || two == "!=" || two == "<=" || two == ">=" || two == "//";
      words.push_back({Word::sign, std::string(pair ? two : two.substr(0, 1))});
      i += pair ? 2 : 1;
    }
  }
  words.push_back({});
  return words;
}

namespace {

/// Works an expression out while it reads it. A branch that does not count is read with `live` false.
class Expression {
 public:
  Expression(const std::vector<Word>& words, const Scope& scope, size_t at = 0) : words_(words), scope_(scope), at_(at) {}

  Value whole() {
    Value value = choice();
    if (words_[at_].kind != Word::end) throw wrong("'" + words_[at_].is + "' is not understood here");
    return value;
  }
  Value choice() {
    Value value = either();
    if (!take("if")) return value;
    const Value condition = either();
    Value other;
    other.defined = false;
    if (take("else")) other = choice();
    return truth(condition.json) ? value : other;
  }

 private:
  bool take(std::string_view what) {
    if (words_[at_].kind == Word::text || words_[at_].kind == Word::end || words_[at_].is != what) return false;
    ++at_;
    return true;
  }
  void want(std::string_view what) {
    if (!take(what)) throw wrong("'" + std::string(what) + "' is missing before '" + words_[at_].is + "'");
  }
  std::string name() {
    if (words_[at_].kind != Word::name) throw wrong("a name is wanted, not '" + words_[at_].is + "'");
    return words_[at_++].is;
  }

  Value either() {
    Value value = both();
    while (take("or")) {
      Value other = both();
      if (!truth(value.json)) value = std::move(other);
    }
    return value;
  }
  Value both() {
    Value value = negation();
    while (take("and")) {
      Value other = negation();
      if (truth(value.json)) value = std::move(other);
    }
    return value;
  }
  Value negation() {
    if (take("not")) return {!truth(negation().json)};
    return comparison();
  }

  Value comparison() {
    Value value = sum();
    for (;;) {
      if (take("==")) value = {value.json == sum().json};
      else if (take("!=")) value = {value.json != sum().json};
      else if (take("<=")) value = {value.json <= sum().json};
      else if (take(">=")) value = {value.json >= sum().json};
      else if (take("<")) value = {value.json < sum().json};
      else if (take(">")) value = {value.json > sum().json};
      else if (take("in")) value = {contains(sum().json, value.json)};
      else if (words_[at_].is == "not" && words_[at_].kind == Word::name && words_[at_ + 1].is == "in") {
        at_ += 2;
        value = {!contains(sum().json, value.json)};
      } else if (take("is")) {
        const bool negated = take("not");
        value = {is(value, name()) != negated};
      } else {
        return value;
      }
    }
  }
  static bool contains(const Json& whole, const Json& part) {
    if (whole.is_string() && part.is_string()) return whole.get_ref<const std::string&>().find(part.get_ref<const std::string&>()) != std::string::npos;
    if (whole.is_object() && part.is_string()) return whole.contains(part.get<std::string>());
    return std::find(whole.begin(), whole.end(), part) != whole.end();
  }
  static bool is(const Value& value, const std::string& what) {
    const Json& json = value.json;
    if (what == "defined") return value.defined;
    if (what == "undefined") return !value.defined;
    if (what == "none") return value.defined && json.is_null();
    if (what == "string") return json.is_string();
    if (what == "mapping") return json.is_object();
    if (what == "iterable" || what == "sequence") return json.is_array() || json.is_string() || json.is_object();
    if (what == "number") return json.is_number();
    if (what == "boolean") return json.is_boolean();
    if (what == "true") return json.is_boolean() && json.get<bool>();
    if (what == "false") return json.is_boolean() && !json.get<bool>();
    throw wrong("no test '" + what + "'");
  }

  Value sum() {
    Value value = product();
    for (;;) {
      if (take("+")) value = plus(value, product());
      else if (take("~")) value = {text_of(value) + text_of(product())};
      else if (take("-")) value = {whole_number(value) - whole_number(product())};
      else return value;
    }
  }
  static Value plus(const Value& a, const Value& b) {
    if (a.json.is_string() && b.json.is_string()) return {a.json.get<std::string>() + b.json.get<std::string>()};
    if (a.json.is_array() && b.json.is_array()) {
      Json both = a.json;
      both.insert(both.end(), b.json.begin(), b.json.end());
      return {both};
    }
    if (a.json.is_number() && b.json.is_number()) return {a.json.get<int64_t>() + b.json.get<int64_t>()};
    throw wrong("'" + text_of(a) + "' and '" + text_of(b) + "' can't be added");
  }
  Value product() {
    Value value = sign();
    for (;;) {
      if (take("*")) {
        value = {whole_number(value) * whole_number(sign())};
      } else if (words_[at_].is == "%" || words_[at_].is == "//") {
        const bool rest = words_[at_++].is == "%";
        const int64_t a = whole_number(value), b = whole_number(sign());
        if (b == 0) throw wrong("a division by 0");
        value = {rest ? ((a % b) + b) % b : a / b};
      } else {
        return value;
      }
    }
  }
  Value sign() {
    if (take("-")) return {-whole_number(sign())};
    Value value = behind(first());
    while (take("|")) {
      const std::string filter = name();
      value = filtered(value, filter, words_[at_].is == "(" ? arguments() : Json::array());
      value = behind(std::move(value));
    }
    return value;
  }

  Value first() {
    const Word word = words_[at_++];
    if (word.kind == Word::text) return {word.is};
    if (word.kind == Word::number) return {word.is.find('.') == std::string::npos ? Json(std::stoll(word.is)) : Json(std::stod(word.is))};
    if (word.kind == Word::name) {
      if (word.is == "true" || word.is == "True") return {true};
      if (word.is == "false" || word.is == "False") return {false};
      if (word.is == "none" || word.is == "None") return {Json()};
      if (words_[at_].is == "(" && words_[at_].kind == Word::sign) return called(word.is);
      return scope_.get(word.is);
    }
    if (word.is == "(") {
      Value value = choice();
      want(")");
      return value;
    }
    if (word.is == "[") {
      Json list = Json::array();
      while (!take("]")) {
        list.push_back(choice().json);
        if (words_[at_].is != "]") want(",");
      }
      return {list};
    }
    if (word.is == "{") {
      Json map = Json::object();
      while (!take("}")) {
        const std::string key = text_of(choice());
        want(":");
        map[key] = choice().json;
        if (words_[at_].is != "}") want(",");
      }
      return {map};
    }
    throw wrong("'" + word.is + "' is not understood");
  }

  /// (a, b, name=c) → [a, b, {name: c}]; without names: [a, b]
  Json arguments() {
    want("(");
    Json list = Json::array(), named = Json::object();
    while (!take(")")) {
      if (words_[at_].kind == Word::name && words_[at_ + 1].is == "=" && words_[at_ + 1].kind == Word::sign) {
        const std::string key = name();
        want("=");
        named[key] = choice().json;
      } else {
        list.push_back(choice().json);
      }
      if (words_[at_].is != ")") want(",");
    }
    if (!named.empty()) list.push_back(named);
    return list;
  }

  Value called(const std::string& function) {
    const Json given = arguments();
    if (function == "namespace" || function == "dict") return {given.empty() ? Json::object() : given.back()};
    if (function == "raise_exception") return {Json{{"refused", given.empty() ? Json("") : given[0]}}, false};
    if (function == "range") {
      const int64_t begin = given.size() > 1 ? given[0].get<int64_t>() : 0, end = given.size() > 1 ? given[1].get<int64_t>() : given.at(0).get<int64_t>();
      Json list = Json::array();
      for (int64_t i = begin; i < end; ++i) list.push_back(i);
      return {list};
    }
    throw wrong("no function '" + function + "'");
  }

  /// What stands behind a value: .name, .method(), [i], [a:b].
  Value behind(Value value) {
    for (;;) {
      if (words_[at_].kind == Word::sign && words_[at_].is == ".") {
        ++at_;
        const std::string what = name();
        if (words_[at_].kind == Word::sign && words_[at_].is == "(") value = method(value, what, arguments());
        else value = member(value, Json(what));
      } else if (words_[at_].kind == Word::sign && words_[at_].is == "[") {
        ++at_;
        value = subscript(value);
      } else {
        return value;
      }
    }
  }
  Value subscript(const Value& value) {
    std::optional<Json> begin, end;
    bool slice = false;
    if (words_[at_].is != ":") begin = choice().json;
    if (take(":")) {
      slice = true;
      if (words_[at_].is != "]" && words_[at_].is != ":") end = choice().json;
    }
    if (slice && take(":")) {  // only [::-1] is ever seen
      const int64_t step = whole_number(choice());
      want("]");
      if (step != -1 || begin || end) throw wrong("a slice with a step");
      Json turned = value.json;
      std::reverse(turned.begin(), turned.end());
      return {turned};
    }
    want("]");
    if (!slice) return member(value, *begin);
    if (!value.json.is_array() && !value.json.is_string()) throw wrong("a slice of what is no list");
    const auto n = static_cast<int64_t>(value.json.is_string() ? value.json.get_ref<const std::string&>().size() : value.json.size());
    const auto place = [&](const std::optional<Json>& of, int64_t otherwise) {
      const int64_t i = of ? of->get<int64_t>() : otherwise;
      return std::clamp<int64_t>(i < 0 ? i + n : i, 0, n);
    };
    const int64_t a = place(begin, 0), b = std::max(a, place(end, n));
    if (value.json.is_string()) return {value.json.get<std::string>().substr(static_cast<size_t>(a), static_cast<size_t>(b - a))};
    return {Json(std::vector<Json>(value.json.begin() + a, value.json.begin() + b))};
  }

  const std::vector<Word>& words_;
  const Scope& scope_;
  size_t at_;
};

}  // namespace

Value value_of(const std::vector<Word>& words, const Scope& scope, size_t from) { return Expression(words, scope, from).whole(); }

}  // namespace segue::jinja
