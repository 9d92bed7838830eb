#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/files.h"

namespace segue {

/// Reads a table with a header line, divided by tabs (no quoting) or commas (quotes as in RFC 4180), and calls `row`
/// with the wanted columns of each line, in the order wanted; a column that starts with "?" may be missing (empty
/// text), and "?" alone is. Throws Error with the columns found where one is missing, and on a line with another number of fields.
void read_delimited(const Path& path, const std::vector<std::string>& columns,
                    const std::function<void(const std::vector<std::string>&)>& row);

/// The columns of its header line. Throws Error where there is none.
std::vector<std::string> delimited_columns(const Path& path);

}  // namespace segue
