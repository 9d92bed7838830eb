#include "experiments/release.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "core/console.h"
#include "core/error.h"
#include "core/staged_folder.h"
#include "core/table.h"
#include "experiments/checksums.h"
#include "experiments/release_parts.h"

namespace segue {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

ReleasedFile released(const Path& stage, const std::string& file) {
  ReleasedFile out{file, sha256_of(stage / file), static_cast<int64_t>(fs::file_size(stage / file)), 0, table_of(file)};
  if (Path(file).extension() == ".parquet") out.rows = TableReader(stage / file).rows();
  return out;
}

/// All files below the folder, tables of the log first.
std::vector<std::string> files_below(const Path& stage) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(stage)) {
    if (entry.is_regular_file()) files.push_back(entry.path().lexically_relative(stage).generic_string());
  }
  std::sort(files.begin(), files.end(), [](const std::string& a, const std::string& b) {
    const auto key = [](const std::string& file) { return std::pair(file.find('/') != std::string::npos, file); };
    return key(a) < key(b);
  });
  return files;
}

/// What explains the data, after them; checksums of all last.
void describe(const Path& stage, Release& release) {
  write_file(stage / "load.py", loader_example());
  for (const auto& file : files_below(stage)) release.files.push_back(released(stage, file));
  const auto add = [&](const char* file, const std::string& text) {
    write_file(stage / file, text);
    release.files.push_back(released(stage, file));
  };
  add("README.md", card_of(release));
  add(release_mark, to_json(release, false).dump(1) + "\n");
  add("croissant.json", croissant_of(release).dump(1) + "\n");
  std::vector<Checksum> checksums;
  for (const auto& file : release.files) checksums.push_back({file.path, file.sha256});
  write_file(stage / checksums_file, text_of(checksums));
}

Json to_json(const ReleasedProtocol& protocol) {
  return {{"protocol", protocol.name}, {"data_hash", protocol.summary.at("data_hash")}, {"plays_hash", protocol.summary.at("plays_hash")},
          {"settings", protocol.summary.at("all_settings")}, {"log", protocol.summary.at("log")}, {"cases", protocol.summary.at("cases")}};
}

Json to_json(const ReleasedSignal& s) {
  return {{"signal", s.about.name}, {"made_from", s.about.made_from}, {"space", s.about.space}, {"space_id", s.about.space_id()},
          {"width", s.about.width}, {"vectors", s.vectors}, {"instrumental", s.instrumental}, {"unreadable", s.unreadable}, {"genes", s.genes}};
}

/// The text of an option, or an Error where a card can't have it.
void require_text(const char* option, const std::string& text) {
  if (!is_valid_utf8(text)) throw Error("{}: is not UTF-8", option);
}

ReleaseOptions with_name(ReleaseOptions options, const Path& into) {
  for (const auto& [option, text] : {std::pair{"--name", &options.name}, {"--description", &options.description}, {"--license", &options.license},
                                     {"--creator", &options.creator}, {"--url", &options.url}, {"--edition", &options.edition}}) {
    require_text(option, *text);
  }
  const Path folder = fs::absolute(into).lexically_normal();
  if (options.name.empty()) options.name = valid_utf8((folder.has_filename() ? folder : folder.parent_path()).filename().string());
  return options;
}

}  // namespace

Release release_data(const Path& data, const Path& into, const ReleaseOptions& options) {
  if (!fs::exists(data / "plays.parquet")) {
    throw Error("{}: no imported plays here; first: segue import LOG --into {}", data.string(), data.string());
  }
  Release release;
  release.options = with_name(options, into);
  release.into = into.string();
  const Reading reading(data);
  StagedFolder folder(into, release_mark, true);
  const Path& stage = folder.folder();
  release_log(data, stage, release);
  release_protocols(data, stage, release);
  release_signals(data, stage, release);
  describe(stage, release);
  folder.commit();
  return release;
}

Json to_json(const Release& release, bool files) {
  const ReleaseOptions& o = release.options;
  Json out{{"segue_release", release_version}, {"name", o.name}, {"edition", o.edition}, {"description", o.description},
           {"license", o.license}, {"creator", o.creator}, {"url", o.url}, {"listeners_named", o.keep_listeners},
           {"tracks_named", !o.without_names}, {"plays", release.plays}, {"listeners", release.listeners}, {"tracks", release.tracks},
           {"spellings", release.spellings}, {"logs", release.sources}, {"unnamed_tracks", release.unnamed},
           {"protocols", Json::array()}, {"signals", Json::array()}};
  for (const auto& protocol : release.protocols) out["protocols"].push_back(to_json(protocol));
  for (const auto& signal : release.signals) out["signals"].push_back(to_json(signal));
  if (!files) return out;
  out["into"] = valid_utf8(release.into);
  out["files"] = Json::array();
  for (const auto& file : release.files) {
    out["files"].push_back({{"file", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}});
    if (file.table != nullptr) out["files"].back()["rows"] = file.rows;
  }
  return out;
}

std::string text_of(const Release& release) {
  int64_t bytes = 0;
  for (const auto& file : release.files) bytes += file.bytes;
  std::string out = fmt::format("{} plays of {} tracks by {} listener(s), {}\n", release.plays, release.tracks, release.listeners,
                                release.options.keep_listeners ? "with their names" : "numbered");
  for (const auto& p : release.protocols) out += fmt::format("  protocol {}: data hash {}\n", p.name, p.summary.at("data_hash").get<std::string>());
  if (!release.telling.empty()) out += fmt::format("  left out, for they are made from names: {}\n", fmt::join(release.telling, ", "));
  for (const auto& s : release.signals) out += fmt::format("  signal {}: {} vectors of {} numbers\n", s.about.name, s.vectors, s.about.width);
  out += fmt::format("{}: {} files, {:.1f} MB. Read README.md before you share it: it says what can be inferred.\n", printable(release.into),
                     release.files.size() + 1, static_cast<double>(bytes) / 1e6);
  if (release.options.license.empty()) out += "No licence was given (--license): nobody may do much with it.\n";
  return out;
}

}  // namespace segue
