#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "signals/signal_work.h"
#include "signals/stored_arrays.h"
#include "signals/track_index.h"
#include "signals/vector_table.h"

namespace segue {
namespace {

constexpr const char* kind = "segue feature pack 1";

/// Texts as arrays: their bytes, and where each ends.
struct PackedTexts {
  std::string bytes;
  std::vector<int64_t> ends;
  void add(std::string_view text) {
    bytes += text;
    ends.push_back(static_cast<int64_t>(bytes.size()));
  }
};

void put(std::map<std::string, Array, std::less<>>& arrays, const std::string& name, const PackedTexts& texts) {
  arrays[name] = stored(Kind::u8, texts.bytes, {std::ssize(texts.bytes)});
  arrays[name + "_ends"] = stored(Kind::i64, texts.ends, {std::ssize(texts.ends)});
}

std::vector<std::string> texts_of(const Safetensors& file, const std::string& name, int64_t n) {
  const auto ends = values_of<int64_t>(file, name + "_ends", Kind::i64, {n});
  const auto bytes = values_of<char>(file, name, Kind::u8, {file.at(name).size()});
  std::vector<std::string> texts;
  int64_t begin = 0;
  for (const int64_t end : ends) {
    if (end < begin || end > static_cast<int64_t>(bytes.size())) throw Error("{}: {} is damaged", file.path().string(), name);
    texts.emplace_back(bytes.data() + begin, static_cast<size_t>(end - begin));
    begin = end;
  }
  return texts;
}

std::string note_of(const Safetensors& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end()) throw Error("{}: says no '{}'; a pack that segue encode --export wrote is wanted", file.path().string(), key);
  return found->second;
}

}  // namespace

void export_pack(const Path& data, const std::string& name, const Path& file) {
  const Signal signal = load_signal(data, name);
  const Tracks tracks = tracks_of(data);
  PackedTexts artist, title, id;
  for (const int32_t track : signal.track) {
    const auto t = static_cast<size_t>(track);
    if (t >= static_cast<size_t>(tracks.size())) throw Error("{}: has a vector of track {}, which {} does not have", name, track, data.string());
    artist.add(tracks.artist[t]);
    title.add(tracks.title[t]);
    id.add(tracks.id[t]);
  }
  const auto n = static_cast<int64_t>(signal.size());
  std::map<std::string, Array, std::less<>> arrays{
      {"known", stored(Kind::u8, signal.known, {n})},
      {"content", stored(Kind::i64, signal.content, {n})},
      {"vectors", stored(Kind::f32, signal.vectors, {n, signal.about.width})},
  };
  if (!signal.mask.empty()) arrays["mask"] = stored(Kind::u8, signal.mask, {n, signal.about.width});
  put(arrays, "artist", artist);
  put(arrays, "title", title);
  put(arrays, "id", id);
  write_safetensors(file, arrays, {{"kind", kind}, {"made_from", signal.about.made_from}, {"space", signal.about.space}, {"space_id", signal.about.space_id()}});
}

TableReport import_pack(const Path& data, const std::string& name, const Path& path) {
  const Safetensors file(path);
  if (note_of(file, "kind") != kind) throw Error("{}: a pack of another kind; '{}' is wanted", path.string(), kind);
  const Array& vectors = file.at("vectors");
  if (vectors.kind != Kind::f32 || vectors.shape.size() != 2) throw Error("{}: vectors is not as a pack has it", path.string());
  const int64_t n = vectors.shape[0], width = vectors.shape[1];
  const SignalAbout about{name, note_of(file, "made_from"), note_of(file, "space"), width};
  if (about.space_id() != note_of(file, "space_id")) throw Error("{}: its space is not what its id says; the file is damaged", path.string());
  const auto known = values_of<Known>(file, "known", Kind::u8, {n});
  const auto content = values_of<int64_t>(file, "content", Kind::i64, {n});
  const auto values = values_of<float>(file, "vectors", Kind::f32, {n, width});
  const auto mask = file.has("mask") ? values_of<uint8_t>(file, "mask", Kind::u8, {n, width}) : std::vector<uint8_t>();
  const auto artist = texts_of(file, "artist", n), title = texts_of(file, "title", n), id = texts_of(file, "id", n);
  Tracks tracks = tracks_of(data);
  const TrackIndex index(tracks, corrections_of(data));
  SignalRows rows(about);
  TableReport report;
  report.about = about;
  report.rows = n;
  std::vector<std::pair<int32_t, size_t>> tied;
  for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
    int32_t track = index.by_id(id[i]);
    if (const auto& same = index.by_names(artist[i], title[i]); track < 0 && !same.empty()) track = same.front();
    if (track >= 0 && (known[i] == Known::vector || known[i] == Known::instrumental)) tied.emplace_back(track, i);
  }
  if (tied.empty()) throw Error("{}: {} tracks, and none of them is in {}", path.string(), n, data.string());
  const Path folder = make_signal_folder(data, about);
  rows.set(load_signal(data, name));
  for (const auto& [track, i] : tied) {
    ++report.tied;
    if (rows.known(track) == Known::vector) {
      ++report.repeated;
      continue;
    }
    const auto begin = i * static_cast<size_t>(width), size = static_cast<size_t>(width);
    const bool vector = known[i] == Known::vector;
    rows.set(track, known[i], content[i], vector ? std::span(values).subspan(begin, size) : std::span<const float>(),
             vector && !mask.empty() ? std::span(mask).subspan(begin, size) : std::span<const uint8_t>());
  }
  const Signal signal = rows.signal();
  save_vectors(folder, signal);
  report.tracks = signal.count(Known::vector);
  return report;
}

}  // namespace segue
