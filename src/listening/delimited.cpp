#include "listening/delimited.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.h"
#include "core/source.h"

namespace segue {
namespace {

std::vector<int> places_of(const Path& path, const std::vector<std::string>& wanted, const std::vector<std::string>& header) {
  std::vector<int> places;
  for (std::string name : wanted) {
    const bool may_miss = name.front() == '?';
    if (may_miss) name.erase(0, 1);
    const auto found = std::find(header.begin(), header.end(), name);
    if (found == header.end() && !may_miss) {
      throw Error("{}: no column '{}'; found: {}", path.string(), name, fmt::join(header, ", "));
    }
    places.push_back(found == header.end() ? -1 : static_cast<int>(found - header.begin()));
  }
  return places;
}

}  // namespace

std::vector<std::string> split_delimited(std::string_view line, char divider) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (divider == ',' && c == '"') {
      const bool twice = quoted && i + 1 < line.size() && line[i + 1] == '"';
      if (twice) fields.back() += line[i++];
      else quoted = !quoted;
    } else if (c == divider && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

void read_delimited(const Path& path, const std::vector<std::string>& columns,
                    const std::function<void(const std::vector<std::string>&)>& row) {
  const auto source = Source::open(path);
  if (source->files().size() != 1) throw Error("{}: one table is wanted, not a folder or an archive of several", path.string());
  const auto stream = source->read(source->files().front());
  LineReader lines(*stream);
  std::string_view line;
  if (!lines.next(line)) throw Error("{}: the table is empty", path.string());
  if (line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
  const char divider = line.find('\t') != std::string_view::npos ? '\t' : ',';
  const auto header = split_delimited(line, divider);
  const auto places = places_of(path, columns, header);
  std::vector<std::string> wanted(columns.size());
  for (int64_t number = 2; lines.next(line); ++number) {
    if (line.empty()) continue;
    const auto fields = split_delimited(line, divider);
    if (fields.size() != header.size()) {
      throw Error("{}: line {} has {} fields, the header {}", path.string(), number, fields.size(), header.size());
    }
    for (size_t i = 0; i < places.size(); ++i) wanted[i] = places[i] < 0 ? "" : fields[static_cast<size_t>(places[i])];
    row(wanted);
  }
}

}  // namespace segue
