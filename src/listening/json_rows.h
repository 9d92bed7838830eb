#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_element.h"
#include "core/source.h"
#include "listening/play_batch.h"

namespace segue {

/// Fills a play from an object; where that is none, the report's key for it, else empty.
using ReadObject = std::function<std::string_view(const JsonValue& object, RawPlay& play)>;

/// Reads a file that is an array of objects, or else an object per line.
void read_json_rows(const Source& source, const std::string& file, const ReadObject& read, PlayBatch& batch);

/// True if one of the first rows of a file is an object with all of these keys.
bool some_object_has(const std::string& head, std::initializer_list<std::string_view> keys);

/// A number, also where it is written as a text.
std::optional<double> number_of(const JsonValue& value);

/// How long something was heard: whole milliseconds from 0 to a year, else nothing.
std::optional<int64_t> heard_ms(const JsonValue& value);

/// The text at `key` of the first object in a file of this name in the source, wherever it lies; empty where there is none.
std::string text_in_file(const Source& source, std::string_view name, std::string_view key);

/// Files ordered by the numbers in their names, the first that differs deciding, then by name: the order in which a
/// service cut a log into files.
std::vector<std::string> by_number(std::vector<std::string> files);

}  // namespace segue
