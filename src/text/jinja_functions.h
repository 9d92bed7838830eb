#pragma once

#include "text/jinja.h"

namespace segue::jinja {

// What expressions call. All throw Error on what they don't know.

int64_t whole_number(const Value& value);
/// value.key, value[key]
Value member(const Value& value, const Json& key);
/// value.what(given…)
Value method(const Value& value, const std::string& what, const Json& given);
/// value | filter(given…)
Value filtered(const Value& value, const std::string& filter, const Json& given);

}  // namespace segue::jinja
