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
    const auto found = name.empty() ? header.end() : std::find(header.begin(), header.end(), name);
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

class Delimited {
 public:
  explicit Delimited(const Path& path) : source_(Source::open(path)) {
    if (source_->files().size() != 1) {
      throw Error("{}: one table is wanted, not a folder or an archive of several", path.string());
    }
    const auto& file = source_->files().front();
    const std::string head = source_->head(file);
    tabs_ = head.substr(0, head.find('\n')).find('\t') != std::string::npos;
    stream_ = source_->read(file);
    lines_ = std::make_unique<LineReader>(*stream_);  // quotes mean nothing where tabs divide: names are full of them
    records_ = std::make_unique<CsvReader>(*stream_, ',');
    std::vector<std::string_view> fields;
    if (!next(fields)) throw Error("{}: the table is empty", path.string());
    header_.assign(fields.begin(), fields.end());
  }

  const std::vector<std::string>& header() const { return header_; }
  bool next(std::vector<std::string_view>& fields) { return tabs_ ? next_line(*lines_, fields) : records_->next(fields); }

 private:
  std::unique_ptr<Source> source_;
  std::unique_ptr<ByteStream> stream_;
  bool tabs_ = false;
  std::unique_ptr<LineReader> lines_;
  std::unique_ptr<CsvReader> records_;
  std::vector<std::string> header_;
};

}  // namespace

std::vector<std::string> delimited_columns(const Path& path) { return Delimited(path).header(); }

void read_delimited(const Path& path, const std::vector<std::string>& columns,
                    const std::function<void(const std::vector<std::string>&)>& row) {
  Delimited table(path);
  const auto& header = table.header();
  const auto places = places_of(path, columns, header);
  std::vector<std::string> wanted(columns.size());
  std::vector<std::string_view> fields;
  for (int64_t number = 2; table.next(fields); ++number) {
    if (fields.size() != header.size()) {
      throw Error("{}: row {} has {} fields, the header {}", path.string(), number, fields.size(), header.size());
    }
    for (size_t i = 0; i < places.size(); ++i) wanted[i] = places[i] < 0 ? "" : valid_utf8(fields[static_cast<size_t>(places[i])]);
    row(wanted);
  }
}

}  // namespace segue
