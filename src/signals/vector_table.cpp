#include "signals/vector_table.h"

#include <fmt/ranges.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/console.h"
#include "core/error.h"
#include "core/npy.h"
#include "core/number_table.h"
#include "core/safetensors.h"
#include "listening/delimited.h"
#include "signals/row_keys.h"
#include "signals/signal_work.h"

namespace segue {
namespace {

namespace fs = std::filesystem;

/// Rows as a file has them: whose they are, and their numbers.
struct KeyedVectors {
  std::string space;
  int64_t width = 0;
  RowKeys keys;                  // [n], none where `track` says it
  std::vector<int64_t> track;    // [n] or none
  std::vector<float> values;     // [n, width] 0 where not known
  std::vector<uint8_t> known;    // [n, width]
  size_t rows() const { return width == 0 ? 0 : values.size() / static_cast<size_t>(width); }
};

void put(KeyedVectors& into, double value) {
  const bool known = std::isfinite(value);
  into.values.push_back(known ? static_cast<float>(value) : 0.0f);
  into.known.push_back(known ? 1 : 0);
}

double number_of(const std::string& text) {
  double value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() && end == text.data() + text.size() ? value : std::nan("");
}

KeyedVectors from_delimited(const Path& file) {
  const auto columns = delimited_columns(file);
  const KeyColumns keys(columns, file);
  KeyedVectors out;
  std::vector<std::string> numbers, wanted = keys.wanted();
  for (const auto& column : columns) {
    if (keys.is(column)) continue;
    numbers.push_back(column);
    wanted.push_back(column);
  }
  out.width = static_cast<int64_t>(numbers.size());
  read_delimited(file, wanted, [&](const std::vector<std::string>& f) {
    out.keys.artist.push_back(f[0]);
    out.keys.title.push_back(f[1]);
    out.keys.id.push_back(f[2]);
    for (size_t d = 3; d < f.size(); ++d) put(out, number_of(f[d]));
  });
  // A column of words, such as a genre's name, is no number in any row.
  const auto width = static_cast<size_t>(out.width);
  for (size_t d = 0; d < width; ++d) {
    bool any = false;
    for (size_t i = d; i < out.known.size(); i += width) any = any || out.known[i] != 0;
    if (!any && out.rows() > 0) throw Error("{}: column '{}' holds no number in any row; leave it out", file.string(), printable(numbers[d]));
  }
  out.space = fmt::format("{}", fmt::join(numbers, ", "));
  return out;
}

KeyedVectors from_parquet(const Path& file) {
  const NumberTable table = read_number_table(file);
  std::vector<std::string> words;
  for (const auto& column : table.words) words.push_back(column.name);
  const KeyColumns keys(words, file);
  KeyedVectors out;
  const auto texts_of = [&](const std::string& name, Texts& into) {
    if (const auto* column = table.find_words(name)) into = column->values;
    else into.pad(static_cast<size_t>(table.rows));
  };
  texts_of(keys.artist, out.keys.artist);
  texts_of(keys.title, out.keys.title);
  texts_of(keys.id, out.keys.id);
  std::vector<std::string> names;
  for (const auto& column : table.numbers) {
    out.width += column.width;
    names.push_back(column.width == 1 ? column.name : fmt::format("{} [{}]", column.name, column.width));
  }
  for (int64_t i = 0; i < table.rows; ++i) {
    for (const auto& column : table.numbers) {
      for (int64_t d = 0; d < column.width; ++d) {
        const auto at = static_cast<size_t>(i * column.width + d);
        put(out, column.known[at] != 0 ? column.values[at] : std::nan(""));
      }
    }
  }
  out.space = fmt::format("{}", fmt::join(names, ", "));
  return out;
}

/// mask: [n] or [n, D], 1 where known; taken into `out`.
void take_mask(KeyedVectors& out, const std::vector<double>& mask, const Path& file) {
  const size_t n = out.rows(), width = static_cast<size_t>(out.width);
  if (mask.size() != n && mask.size() != n * width) throw Error("{}: a mask of {} or {} by {} values is wanted; it has {}", file.string(), n, n, width, mask.size());
  for (size_t i = 0; i < out.known.size(); ++i) {
    if (mask[mask.size() == n ? i / width : i] == 0) out.known[i] = 0, out.values[i] = 0;
  }
}

void by_place(KeyedVectors& out, int64_t n) {
  for (int64_t i = 0; i < n; ++i) out.track.push_back(i);
}

KeyedVectors from_npy(const Path& file) {
  const Npy npy = read_npy(file);
  if (npy.shape.size() != 2) throw Error("{}: a matrix [tracks, numbers] is wanted; it has {} dimensions", file.string(), npy.shape.size());
  KeyedVectors out;
  out.width = npy.shape[1];
  for (const double value : npy.values) put(out, value);
  by_place(out, npy.shape[0]);
  out.space = fmt::format("npy [{}]", out.width);
  return out;
}

std::vector<double> numbers_of(const Array& array, const std::string& where) {
  std::vector<double> out(static_cast<size_t>(array.size()));
  const auto read = [&]<class T>(T) {
    for (size_t i = 0; i < out.size(); ++i) {
      T value;
      std::memcpy(&value, array.bytes.data() + i * sizeof(T), sizeof(T));
      out[i] = static_cast<double>(value);
    }
  };
  switch (array.kind) {
    case Kind::f32: read(float()); break;
    case Kind::f64: read(double()); break;
    case Kind::i64: read(int64_t()); break;
    case Kind::i32: read(int32_t()); break;
    case Kind::u8:
    case Kind::boolean: read(uint8_t()); break;
    default: throw Error("{}: float32, float64, int32, int64, uint8 or bool are wanted", where);
  }
  return out;
}

KeyedVectors from_safetensors(const Path& path) {
  const Safetensors file(path);
  if (!file.has("vectors")) throw Error("{}: no array 'vectors' [tracks, numbers]; found: {}", path.string(), fmt::join(file.names(), ", "));
  const Array& vectors = file.at("vectors");
  if (vectors.shape.size() != 2) throw Error("{}: vectors [tracks, numbers] are wanted; it has {} dimensions", path.string(), vectors.shape.size());
  KeyedVectors out;
  out.width = vectors.shape[1];
  for (const double value : numbers_of(vectors, path.string() + ": vectors")) put(out, value);
  if (file.has("track")) {
    for (const double track : numbers_of(file.at("track"), path.string() + ": track")) out.track.push_back(static_cast<int64_t>(track));
    if (static_cast<int64_t>(out.track.size()) != vectors.shape[0]) {
      throw Error("{}: {} vectors and {} numbers of tracks", path.string(), vectors.shape[0], out.track.size());
    }
  } else {
    by_place(out, vectors.shape[0]);
  }
  if (file.has("known")) take_mask(out, numbers_of(file.at("known"), path.string() + ": known"), path);
  const auto space = file.metadata().find("space");
  out.space = space == file.metadata().end() ? fmt::format("safetensors [{}]", out.width) : space->second;
  return out;
}

KeyedVectors read_keyed(const Path& file) {
  if (!fs::exists(file)) throw Error("{}: there is no such file", file.string());
  const std::string ending = file.extension().string();
  if (ending == ".parquet") return from_parquet(file);
  if (ending == ".npy") return from_npy(file);
  if (ending == ".safetensors") return from_safetensors(file);
  return from_delimited(file);
}

/// Which track a row is of; -1: of none here.
int32_t track_of(const KeyedVectors& rows, size_t i, const TrackIndex& index, const Path& file) {
  if (!rows.track.empty()) {
    const int64_t track = rows.track[i];
    if (track < 0 || track >= index.tracks().size()) {
      throw Error("{}: row {} is of track {}; the data folder has tracks 0 to {}", file.string(), i, track, index.tracks().size() - 1);
    }
    return static_cast<int32_t>(track);
  }
  return rows.keys.track_of(i, index);
}

TableReport tie_rows(const KeyedVectors& keyed, const TrackIndex& index, const Path& file, SignalRows& into) {
  TableReport report;
  report.rows = static_cast<int64_t>(keyed.rows());
  const auto width = static_cast<size_t>(keyed.width);
  for (size_t i = 0; i < keyed.rows(); ++i) {
    const std::span values = std::span(keyed.values).subspan(i * width, width);
    const std::span known = std::span(keyed.known).subspan(i * width, width);
    const auto missing = std::count(known.begin(), known.end(), 0);
    if (missing == keyed.width) continue;  // nothing is known of it
    const int32_t track = track_of(keyed, i, index, file);
    if (track < 0) continue;
    ++report.tied;
    if (into.known(track) != Known::nothing) {
      ++report.repeated;
      continue;
    }
    report.missing += missing;
    const auto content = static_cast<int64_t>(XXH3_64bits(values.data(), values.size_bytes()));
    into.set(track, Known::vector, content, values, missing == 0 ? std::span<const uint8_t>() : known);
  }
  return report;
}

}  // namespace

nlohmann::ordered_json to_json(const TableReport& report) {
  return {{"signal", report.about.name}, {"space", report.about.space}, {"space_id", report.about.space_id()}, {"width", report.about.width},
          {"rows", report.rows}, {"tied", report.tied}, {"repeated", report.repeated}, {"missing_numbers", report.missing}, {"tracks", report.tracks}};
}

std::string text_of(const TableReport& report) {
  return fmt::format("signal {}: {} numbers\n{} rows, {} of them of a track that is here, {} of one that had a vector already; {} numbers missing\n{} tracks have a vector\n",
                     report.about.name, report.about.width, report.rows, report.tied, report.repeated, report.missing, report.tracks);
}

TableReport import_vectors(const Path& data, const std::string& name, const Path& file, const Path& mask) {
  Tracks tracks = tracks_of(data);
  const TrackIndex index(tracks, corrections_of(data));
  KeyedVectors keyed = read_keyed(file);
  if (!mask.empty()) take_mask(keyed, read_npy(mask).values, mask);
  if (keyed.width == 0) throw Error("{}: no numbers in it beside the names of tracks", file.string());
  const auto content = XXH3_64bits(keyed.values.data(), keyed.values.size() * sizeof(float));
  const SignalAbout about{name, "table", fmt::format("{}; content {:016x}", keyed.space, content), keyed.width};
  SignalRows rows(about);
  TableReport report = tie_rows(keyed, index, file, rows);
  if (rows.size() == 0) throw Error("{}: {} rows, and none is of a track of {}", file.string(), report.rows, data.string());
  const Path folder = make_signal_folder(data, about);
  save_vectors(folder, rows.signal());
  report.about = about;
  report.tracks = static_cast<int64_t>(rows.size());
  return report;
}

}  // namespace segue
