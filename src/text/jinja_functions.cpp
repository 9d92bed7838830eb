#include "text/jinja_functions.h"

#include <algorithm>
#include <cctype>

namespace segue::jinja {
namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); !from.empty() && at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

}  // namespace

int64_t whole_number(const Value& value) {
  if (!value.json.is_number()) throw wrong("'" + text_of(value) + "' is no number");
  return value.json.get<int64_t>();
}

Value member(const Value& value, const Json& key) {
  const Value nothing{{}, false};
  const Json& json = value.json;
  if (json.is_object() && key.is_string()) {
    const auto found = json.find(key.get<std::string>());
    return found == json.end() ? nothing : Value{*found};
  }
  if (json.is_array() && key.is_number()) {
    const auto n = static_cast<int64_t>(json.size()), i = key.get<int64_t>(), place = i < 0 ? i + n : i;
    return place < 0 || place >= n ? nothing : Value{json[static_cast<size_t>(place)]};
  }
  return nothing;
}

Value method(const Value& value, const std::string& what, const Json& given) {
  if (value.json.is_object()) {
    if (what == "get") {
      const Value found = member(value, given.at(0));
      return found.defined ? found : Value{given.size() > 1 ? given[1] : Json()};
    }
    if (what == "items") {
      Json list = Json::array();
      for (const auto& [key, one] : value.json.items()) list.push_back({key, one});
      return {list};
    }
    if (what == "keys") {
      Json list = Json::array();
      for (const auto& [key, one] : value.json.items()) list.push_back(key);
      return {list};
    }
  }
  if (value.json.is_string()) {
    const std::string text = value.json.get<std::string>();
    const std::string with = !given.empty() && given[0].is_string() ? given[0].get<std::string>() : "";
    if (given.empty() && what == "strip") return {trimmed(text)};
    if (given.empty() && what == "lstrip") return {trimmed(text, true, false)};
    if (given.empty() && what == "rstrip") return {trimmed(text, false, true)};
    if (what == "startswith") return {text.starts_with(with)};
    if (what == "endswith") return {text.ends_with(with)};
    if (what == "upper" || what == "lower" || what == "title") return filtered(value, what, given);
    if (what == "split") {
      Json list = Json::array();
      if (with.empty()) throw wrong("split() wants what to split at");
      size_t begin = 0;
      for (size_t found = text.find(with); found != std::string::npos; found = text.find(with, begin)) {
        list.push_back(text.substr(begin, found - begin));
        begin = found + with.size();
      }
      list.push_back(text.substr(begin));
      return {list};
    }
    if (what == "replace" && given.size() == 2) return {replaced(text, with, given[1].get<std::string>())};
  }
  throw wrong("no method '" + what + "'");
}

Value filtered(const Value& value, const std::string& filter, const Json& given) {
  if (filter == "trim") return {trimmed(text_of(value))};
  if (filter == "tojson") return {value.json.dump(given.empty() || !given.back().is_object() ? -1 : given.back().value("indent", -1))};
  if (filter == "length" || filter == "count") return {value.json.is_string() ? value.json.get_ref<const std::string&>().size() : value.json.size()};
  if (filter == "string") return {text_of(value)};
  if (filter == "list") return value;
  if (filter == "int") return {value.json.is_string() ? std::stoll(value.json.get<std::string>()) : whole_number(value)};
  if (filter == "first") return member(value, 0);
  if (filter == "last") return member(value, -1);
  if (filter == "default") return value.defined ? value : Value{given.empty() ? Json("") : given[0]};
  if (filter == "upper" || filter == "lower") {
    std::string text = text_of(value);
    for (char& c : text) c = static_cast<char>(filter == "upper" ? std::toupper(static_cast<unsigned char>(c)) : std::tolower(static_cast<unsigned char>(c)));
    return {text};
  }
  if (filter == "join") {
    std::string text;
    for (size_t i = 0; i < value.json.size(); ++i) text += (i > 0 && !given.empty() ? given[0].get<std::string>() : "") + text_of({value.json[i]});
    return {text};
  }
  throw wrong("no filter '" + filter + "'");
}

}  // namespace segue::jinja
