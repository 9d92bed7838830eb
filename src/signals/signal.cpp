#include "signals/signal.h"

#include <fmt/ranges.h>
#include <xxhash.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "core/console.h"
#include "core/error.h"
#include "signals/signal_records.h"
#include "signals/stored_arrays.h"

namespace segue {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* vectors_file = "vectors.safetensors";

}  // namespace

std::string SignalAbout::space_id() const {
  const std::string all = fmt::format("{}\n{}\n{}", made_from, space, width);
  return fmt::format("{:016x}", XXH3_64bits(all.data(), all.size()));
}

size_t Signal::find(int32_t of) const {
  const auto found = std::lower_bound(track.begin(), track.end(), of);
  return found != track.end() && *found == of ? static_cast<size_t>(found - track.begin()) : size();
}

int64_t Signal::count(Known what) const { return std::count(known.begin(), known.end(), what); }

void SignalRows::set(int32_t track, Known known, int64_t content, std::span<const float> vector, std::span<const uint8_t> mask, std::string problem) {
  rows_[track] = {known, content, {vector.begin(), vector.end()}, {mask.begin(), mask.end()}, std::move(problem)};
}

void SignalRows::set(const Signal& all) {
  const auto width = static_cast<size_t>(all.about.width);
  for (size_t i = 0; i < all.size(); ++i) {
    const bool vector = all.known[i] == Known::vector;
    const auto why = all.problems.find(all.track[i]);
    set(all.track[i], all.known[i], all.content[i], vector ? all.row(i) : std::span<const float>(),
        vector && !all.mask.empty() ? std::span(all.mask).subspan(i * width, width) : std::span<const uint8_t>(),
        why == all.problems.end() ? std::string() : why->second);
  }
}

bool SignalRows::has(int32_t track, int64_t content) const {
  const auto found = rows_.find(track);
  return found != rows_.end() && found->second.content == content;
}

Known SignalRows::known(int32_t track) const {
  const auto found = rows_.find(track);
  return found == rows_.end() ? Known::nothing : found->second.known;
}

Signal SignalRows::signal() const {
  Signal out;
  out.about = about_;
  const auto width = static_cast<size_t>(about_.width);
  const bool masked = std::any_of(rows_.begin(), rows_.end(), [](const auto& row) { return !row.second.mask.empty(); });
  out.vectors.resize(rows_.size() * width);
  out.mask.resize(masked ? out.vectors.size() : 0);
  for (const auto& [track, row] : rows_) {
    const size_t begin = out.track.size() * width;
    out.track.push_back(track);
    out.known.push_back(row.known);
    out.content.push_back(row.content);
    std::copy(row.vector.begin(), row.vector.end(), out.vectors.begin() + static_cast<std::ptrdiff_t>(begin));
    if (masked && row.known == Known::vector) {
      for (size_t d = 0; d < width; ++d) out.mask[begin + d] = row.mask.empty() ? 1 : row.mask[d];
    }
    if (!row.problem.empty()) out.problems[track] = row.problem;
  }
  return out;
}

Path signal_folder(const Path& data, const std::string& name) {
  const bool plain = !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == std::string::npos &&
                     name.front() != '.';
  if (!plain) throw Error("signal '{}': a name of letters, digits, - and _ is wanted", printable(name));
  return data / "signals" / name;
}

std::vector<std::string> signal_names(const Path& data) {
  std::vector<std::string> names;
  if (!fs::is_directory(data / "signals")) return names;
  for (const auto& entry : fs::directory_iterator(data / "signals")) {
    const auto name = entry.path().filename().string();
    if (name.front() != '.' && fs::exists(entry.path() / "signal.json")) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

SignalAbout load_about(const Path& data, const std::string& name) {
  const Path file = signal_folder(data, name) / "signal.json";
  if (!fs::exists(file)) {
    const auto known = signal_names(data);
    throw Error("{}: no signal '{}'; {}", data.string(), name,
                known.empty() ? "none is here yet: segue encode makes some" : fmt::format("known: {}", fmt::join(known, ", ")));
  }
  try {
    const Json about = Json::parse(read_file(file));
    return {name, about.at("made_from"), about.at("space"), about.at("width")};
  } catch (const Json::exception& bad) {
    throw Error("{}: not as Segue wrote it: {}", file.string(), bad.what());
  }
}

Signal load_signal(const Path& data, const std::string& name) {
  const Path folder = signal_folder(data, name);
  const SignalAbout about = load_about(data, name);
  SignalRows rows(about), fresh(about);
  // Records first: whoever puts them into vectors.safetensors deletes them after that was renamed.
  RecordFiles(folder, about).read_new(fresh);
  read_vectors(folder, about, rows);
  rows.set(fresh.signal());
  return rows.signal();
}

void write_about(const Path& folder, const SignalAbout& about) {
  const nlohmann::ordered_json json{{"made_from", about.made_from}, {"space", about.space}, {"space_id", about.space_id()}, {"width", about.width}};
  // Of two processes that begin at once one comes later, with the same; were it another signal, both see which one is there.
  std::random_device device;
  const Path aside = folder / fmt::format("signal.json.{:08x}{:08x}", device(), device());
  write_file(aside, json.dump(1) + "\n");
  fs::rename(aside, folder / "signal.json");
}

void save_vectors(const Path& folder, const Signal& signal) {
  const auto n = static_cast<int64_t>(signal.size());
  std::map<std::string, Array, std::less<>> arrays{
      {"track", stored(Kind::i32, signal.track, {n})},
      {"known", stored(Kind::u8, signal.known, {n})},
      {"content", stored(Kind::i64, signal.content, {n})},
      {"vectors", stored(Kind::f32, signal.vectors, {n, signal.about.width})},
  };
  if (!signal.mask.empty()) arrays["mask"] = stored(Kind::u8, signal.mask, {n, signal.about.width});
  Json problems = Json::object();
  for (const auto& [track, why] : signal.problems) problems[std::to_string(track)] = valid_utf8(why);
  write_safetensors(folder / vectors_file, arrays, {{"space_id", signal.about.space_id()}, {"space", signal.about.space}, {"problems", problems.dump()}});
}

void read_vectors(const Path& folder, const SignalAbout& about, SignalRows& rows) {
  const Path path = folder / vectors_file;
  if (!fs::exists(path)) return;
  const Safetensors file(path);
  const auto id = file.metadata().find("space_id");
  if (id == file.metadata().end() || id->second != about.space_id()) {
    throw Error("{}: its vectors are of another space than signal.json says", path.string());
  }
  Signal all;
  all.about = about;
  const int64_t n = file.at("track").size();
  all.track = values_of<int32_t>(file, "track", Kind::i32, {n});
  all.known = values_of<Known>(file, "known", Kind::u8, {n});
  all.content = values_of<int64_t>(file, "content", Kind::i64, {n});
  all.vectors = values_of<float>(file, "vectors", Kind::f32, {n, about.width});
  if (file.has("mask")) all.mask = values_of<uint8_t>(file, "mask", Kind::u8, {n, about.width});
  if (const auto found = file.metadata().find("problems"); found != file.metadata().end()) {
    const Json problems = Json::parse(found->second, nullptr, false);
    if (!problems.is_object()) throw Error("{}: its problems are not as Segue wrote them", path.string());
    for (const auto& [track, why] : problems.items()) all.problems[std::stoi(track)] = why.get<std::string>();
  }
  rows.set(all);
}

}  // namespace segue
