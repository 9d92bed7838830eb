#include "listening/delimited.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "core/console.h"
#include "core/csv_reader.h"
#include "core/error.h"
#include "core/source.h"
#include "core/text_stream.h"

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

bool next_line(LineReader& lines, std::vector<std::string_view>& fields) {
  std::string_view line;
  do {
    if (!lines.next(line)) return false;
  } while (line.empty());
  line = without_mark(line);
  fields.clear();
  for (size_t at = 0; at <= line.size();) {
    const size_t end = std::min(line.find('\t', at), line.size());
    fields.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return true;
}

}  // namespace

void read_delimited(const Path& path, const std::vector<std::string>& columns,
                    const std::function<void(const std::vector<std::string>&)>& row) {
  const auto source = Source::open(path);
  if (source->files().size() != 1) {
    throw Error("{}: one table is wanted, not a folder or an archive of several", path.string());
  }
  const auto& file = source->files().front();
  const std::string head = source->head(file);
  const bool tabs = head.substr(0, head.find('\n')).find('\t') != std::string::npos;
  const auto stream = source->read(file);
  LineReader lines(*stream);  // quotes mean nothing where tabs divide: names are full of them
  CsvReader records(*stream, ',');
  std::vector<std::string_view> fields;
  const auto next = [&] { return tabs ? next_line(lines, fields) : records.next(fields); };
  if (!next()) throw Error("{}: the table is empty", path.string());
  const std::vector<std::string> header(fields.begin(), fields.end());
  const auto places = places_of(path, columns, header);
  std::vector<std::string> wanted(columns.size());
  for (int64_t number = 2; next(); ++number) {
    if (fields.size() != header.size()) {
      throw Error("{}: row {} has {} fields, the header {}", path.string(), number, fields.size(), header.size());
    }
    for (size_t i = 0; i < places.size(); ++i) wanted[i] = places[i] < 0 ? "" : valid_utf8(fields[static_cast<size_t>(places[i])]);
    row(wanted);
  }
}

}  // namespace segue
