#include "annotation/gene_table.h"

#include <fmt/ranges.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "core/console.h"
#include "core/error.h"
#include "core/number_table.h"
#include "listening/delimited.h"
#include "signals/row_keys.h"

namespace segue {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN(), unreadable = std::numeric_limits<double>::infinity();
constexpr double rounding = 1e-6;  // what a float may be above its scale

/// The rows as the file has them.
struct GeneRows {
  RowKeys keys;
  std::vector<int64_t> genes;        // of the columns
  std::vector<std::string> columns;  // their names; one where it holds all genes
  std::vector<std::string> ignored;
  std::vector<double> values;        // [rows, genes] or nothing, or unreadable
  int64_t misshapen = 0;

  bool in_one_column() const { return columns.size() == 1 && genes.size() > 1; }
  int64_t rows() const { return std::ssize(values) / std::ssize(genes); }
};

std::string_view trimmed(std::string_view text, std::string_view signs = " \t\r\n") {
  const size_t begin = text.find_first_not_of(signs);
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin, text.find_last_not_of(signs) + 1 - begin);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

double number_of(std::string_view raw) {
  const std::string_view text = trimmed(raw);
  static const std::vector<std::string> empty{"", "nan", "na", "n/a", "none", "null", "unknown", "-"};
  double value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed == std::errc() && end == text.data() + text.size() && std::isfinite(value)) return value;
  return std::find(empty.begin(), empty.end(), lower(text)) == empty.end() ? unreadable : nothing;
}

/// "[0.1, 0.2]", "0.1;0.2", "0.1 0.2".
std::vector<double> numbers_of(std::string_view raw) {
  const std::string_view text = trimmed(raw, " \t\r\n[](){}");
  const bool divided = text.find_first_of(",;") != std::string_view::npos;
  std::vector<double> numbers;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find_first_of(divided ? ",;" : " \t\r\n", at), text.size());
    numbers.push_back(number_of(text.substr(at, end - at)));
    if (divided) at = end + 1;
    else at = std::min(text.find_first_not_of(" \t\r\n", end), text.size());
  }
  if (text.ends_with(',') || text.ends_with(';')) numbers.push_back(nothing);
  return numbers;
}

/// A row whose genes stand in one text.
void put_text(GeneRows& into, std::string_view text) {
  auto numbers = numbers_of(text);
  if (std::ssize(numbers) != gene_count) {
    if (!numbers.empty()) ++into.misshapen;
    numbers.assign(gene_count, nothing);
  }
  into.values.insert(into.values.end(), numbers.begin(), numbers.end());
}

/// Finds the columns of genes among those of a file.
GeneRows with_columns(const std::vector<std::string>& there, const KeyColumns& keys, const Path& file) {
  const auto is_all = [](const std::string& name) { return lower(name) == "gene_values" || lower(name) == "gene values"; };
  const auto all = std::find_if(there.begin(), there.end(), is_all);
  GeneRows out;
  std::map<int64_t, std::string> found;
  for (const auto& name : there) {
    if (keys.is(name)) continue;
    const int64_t gene = all == there.end() ? find_gene(name) : -1;
    if (gene < 0 && (all == there.end() || name != *all)) out.ignored.push_back(name);
    if (gene < 0) continue;
    const auto [before, is_new] = found.emplace(gene, name);
    if (!is_new) throw Error("{}: columns '{}' and '{}' are the same gene; leave one out", file.string(), printable(before->second), printable(name));
  }
  if (all != there.end()) {
    out.columns = {*all};
    for (int64_t gene = 0; gene < gene_count; ++gene) out.genes.push_back(gene);
  }
  for (const auto& [gene, name] : found) out.genes.push_back(gene), out.columns.push_back(name);
  if (out.genes.empty()) {
    throw Error("{}: no column is a gene; wanted are some of the {}, such as 'tempo' or 'Vocal Register', or one column 'gene_values'; found: {}", file.string(),
                gene_count, printable(fmt::format("{}", fmt::join(there, ", "))));
  }
  return out;
}

GeneRows from_delimited(const Path& file) {
  const auto there = delimited_columns(file);
  const KeyColumns keys(there, file);
  GeneRows out = with_columns(there, keys, file);
  std::vector<std::string> wanted = keys.wanted();
  for (const auto& name : out.columns) wanted.push_back("?" + name);  // it is there, whatever sign its name begins with
  read_delimited(file, wanted, [&](const std::vector<std::string>& fields) {
    out.keys.artist.push_back(fields[0]);
    out.keys.title.push_back(fields[1]);
    out.keys.id.push_back(fields[2]);
    if (out.in_one_column()) return put_text(out, fields[3]);
    for (size_t i = 3; i < fields.size(); ++i) out.values.push_back(number_of(fields[i]));
  });
  return out;
}

/// A column of Parquet that holds a gene, or all of them: as numbers or as text.
struct GeneColumn {
  const NumberTable::Numbers* numbers;
  const NumberTable::Words* words;

  GeneColumn(const NumberTable& table, const std::string& name, int64_t wanted, const Path& file) : numbers(table.find_numbers(name)), words(table.find_words(name)) {
    if (words == nullptr && numbers->width != wanted) {
      throw Error("{}: column '{}' holds {} numbers in a row; {} wanted", file.string(), printable(name), numbers->width, wanted == 1 ? "one is" : "58, in the order of the genes, are");
    }
  }
  void put(GeneRows& into, int64_t row) const {
    const auto at = static_cast<size_t>(row);
    if (words != nullptr && into.in_one_column()) return put_text(into, words->values[at]);
    if (words != nullptr) return into.values.push_back(number_of(words->values[at]));
    const auto width = static_cast<size_t>(numbers->width);
    for (size_t i = at * width; i < (at + 1) * width; ++i) into.values.push_back(numbers->known[i] != 0 ? numbers->values[i] : nothing);
  }
};

GeneRows from_parquet(const Path& file) {
  const NumberTable table = read_number_table(file);
  std::vector<std::string> there;
  for (const auto& column : table.words) there.push_back(column.name);
  const KeyColumns keys(there, file);
  for (const auto& column : table.numbers) there.push_back(column.name);
  GeneRows out = with_columns(there, keys, file);
  std::vector<GeneColumn> columns;
  for (const auto& name : out.columns) columns.emplace_back(table, name, out.in_one_column() ? gene_count : 1, file);
  const auto texts_of = [&](const std::string& name, Texts& into) {
    if (!name.empty()) into = table.find_words(name)->values;
    else into.pad(static_cast<size_t>(table.rows));
  };
  texts_of(keys.artist, out.keys.artist);
  texts_of(keys.title, out.keys.title);
  texts_of(keys.id, out.keys.id);
  for (int64_t row = 0; row < table.rows; ++row) {
    for (const auto& column : columns) column.put(out, row);
  }
  return out;
}

GeneRows read_rows(const Path& file) {
  if (!std::filesystem::exists(file)) throw Error("{}: there is no such file", file.string());
  GeneRows rows = file.extension() == ".parquet" ? from_parquet(file) : from_delimited(file);
  if (rows.misshapen > 0 && rows.misshapen == rows.rows()) {
    throw Error("{}: no row of '{}' has {} numbers, which are wanted in the order of the genes", file.string(), printable(rows.columns[0]), gene_count);
  }
  return rows;
}

bool inside(double value, double most) { return value >= 0 && value <= most + rounding; }

/// A row on the scale 0 … 5.
GeneValues values_of(const GeneRows& rows, int64_t row, double most) {
  GeneValues out;
  for (size_t i = 0; i < rows.genes.size(); ++i) {
    const double value = rows.values[static_cast<size_t>(row) * rows.genes.size() + i];
    if (inside(value, most)) out[static_cast<size_t>(rows.genes[i])] = static_cast<float>(std::min(1.0, value / most) * gene_most);
  }
  return out;
}

void count(const GeneRows& rows, int64_t row, double most, GeneTableReport& report) {
  for (size_t i = 0; i < rows.genes.size(); ++i) {
    const double value = rows.values[static_cast<size_t>(row) * rows.genes.size() + i];
    report.values += inside(value, most);
    report.missing += !inside(value, most);
    report.unreadable += value == unreadable;
    report.outside += !inside(value, most) && std::isfinite(value);
  }
}

/// What can be said before rows are tied to tracks.
GeneTableReport report_of(const GeneRows& rows, GeneScale scale) {
  GeneTableReport report;
  report.rows = rows.rows();
  report.misshapen = rows.misshapen;
  report.genes = rows.genes;
  report.ignored = rows.ignored;
  report.content = XXH3_64bits(rows.values.data(), rows.values.size() * sizeof(double));
  for (const double value : rows.values) {
    report.on_scales += inside(value, gene_most);
    report.above_one += value > 1 + rounding && inside(value, gene_most);
  }
  report.scale_was_given = scale != GeneScale::by_values;
  report.scale = report.scale_was_given ? scale : report.above_one > 0 ? GeneScale::five : GeneScale::one;
  return report;
}

}  // namespace

GeneTable read_gene_table(const Path& data, const Path& file, GeneScale scale) {
  Tracks tracks = tracks_of(data);
  const TrackIndex index(tracks, corrections_of(data));
  const GeneRows rows = read_rows(file);
  GeneTable out;
  out.report = report_of(rows, scale);
  GeneTableReport& report = out.report;
  const double most = report.scale == GeneScale::one ? 1 : gene_most;
  std::map<int32_t, GeneValues> taken;
  for (int64_t row = 0; row < report.rows; ++row) {
    const int32_t track = rows.keys.track_of(static_cast<size_t>(row), index);
    if (track < 0) continue;
    ++report.tied;
    const GeneValues values = values_of(rows, row, most);
    if (values == GeneValues()) ++report.empty;
    else if (!taken.emplace(track, values).second) ++report.repeated;
    else count(rows, row, most, report);
  }
  if (report.tied == 0) throw Error("{}: {} rows, and none is of a track of {}", file.string(), report.rows, data.string());
  if (taken.empty()) throw Error("{}: {} rows are of tracks of {}, and none has a value from 0 to {}", file.string(), report.tied, data.string(), most);
  for (const auto& [track, genes] : taken) out.tracks.push_back({track, genes});
  report.tracks = std::ssize(out.tracks);
  return out;
}

nlohmann::ordered_json to_json(const GeneTableReport& report) {
  nlohmann::ordered_json json{{"rows", report.rows}, {"tied", report.tied}, {"tracks", report.tracks}, {"repeated", report.repeated}, {"empty", report.empty},
                              {"misshapen", report.misshapen}, {"values", report.values}, {"missing", report.missing}, {"outside", report.outside},
                              {"unreadable", report.unreadable}, {"scale", report.scale == GeneScale::one ? 1 : 5}, {"scale_was_given", report.scale_was_given},
                              {"on_scales", report.on_scales}, {"above_one", report.above_one}, {"genes", nlohmann::ordered_json::array()}, {"ignored_columns", nlohmann::ordered_json::array()}};
  for (const int64_t gene : report.genes) json["genes"].push_back(genes()[static_cast<size_t>(gene)].key);
  for (const auto& name : report.ignored) json["ignored_columns"].push_back(printable(name));
  return json;
}

std::string text_of(const GeneTableReport& report) {
  std::string text = fmt::format("{} rows, {} of them of a track that is here, {} of one that came before, {} without a value", report.rows, report.tied, report.repeated, report.empty);
  text += report.misshapen > 0 ? fmt::format(", {} without {} numbers\n", report.misshapen, gene_count) : "\n";
  text += fmt::format("{} of {} genes have a column; {} columns are none", report.genes.size(), gene_count, report.ignored.size());
  text += report.ignored.empty() ? "\n" : fmt::format(": {}\n", printable(fmt::format("{}", fmt::join(report.ignored, ", "))));
  text += fmt::format("scale 0 to {}, ", report.scale == GeneScale::one ? 1 : 5);
  text += report.scale_was_given ? "as was said\n" : fmt::format("for {} of {} values are above 1\n", report.above_one, report.on_scales);
  text += fmt::format("{} tracks have {} values; {} are missing, {} of them outside the scale and {} no numbers\n", report.tracks, report.values, report.missing, report.outside, report.unreadable);
  return text;
}

}  // namespace segue
