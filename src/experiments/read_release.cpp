#include "experiments/read_release.h"

#include <algorithm>

#include "core/console.h"
#include "core/error.h"
#include "core/staged_folder.h"
#include "core/table.h"
#include "experiments/checksums.h"
#include "experiments/release.h"

namespace segue {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// What only explains the data to people and other programs.
bool explains(const Path& file) {
  for (const char* name : {"README.md", "croissant.json", "load.py", release_mark}) {
    if (file == name) return true;
  }
  return file.begin()->string() == "signals" && file.extension() == ".parquet";  // genes once more
}

Json about_of(const Path& release) {
  const Path path = release / release_mark;
  const Json about = Json::parse(read_file(path), nullptr, false);
  if (!about.is_object() || !about.contains("segue_release")) throw Error("{}: not as segue release wrote it", path.string());
  if (const auto& version = about["segue_release"]; version != release_version) {
    throw Error("{}: a release of version {}; this segue reads version {}", path.string(), version.dump(), release_version);
  }
  const auto is = [&](const char* key, Json::value_t type) { return about.contains(key) && about[key].type() == type; };
  if (!is("name", Json::value_t::string) || !is("license", Json::value_t::string) || !is("protocols", Json::value_t::array) ||
      !is("signals", Json::value_t::array)) {
    throw Error("{}: not as segue release wrote it", path.string());
  }
  return about;
}

void require_whole(const Path& release, const std::vector<Checksum>& checksums) {
  for (const char* file : {release_mark, "plays.parquet", "tracks.parquet", "spellings.parquet", "listeners.parquet", "sources.json"}) {
    const bool listed = std::any_of(checksums.begin(), checksums.end(), [&](const Checksum& one) { return one.file == file; });
    if (!listed) throw Error("{}: has no line for {}; get the whole release again", (release / checksums_file).string(), file);
  }
}

ImportReport report_of(const Path& stage, const Path& data) {
  ImportReport report;
  report.data = data.string();
  report.sources = load_sources(stage);
  report.plays = TableReader(stage / "plays.parquet").rows();
  report.listeners = TableReader(stage / "listeners.parquet").rows();
  report.tracks = TableReader(stage / "tracks.parquet").rows();
  report.spellings = TableReader(stage / "spellings.parquet").rows();
  return report;
}

std::string names_of(const Json& all, const char* key) {
  std::string out;
  for (const auto& one : all) out += (out.empty() ? "" : ", ") + (one.is_object() ? one.value(key, std::string()) : one.dump());
  return out.empty() ? "none" : out;
}

}  // namespace

bool is_release(const Path& folder) {
  if (!fs::is_directory(folder)) return false;
  if (fs::exists(folder / release_mark)) return true;
  const Path sums = folder / checksums_file;
  return fs::is_regular_file(sums) && read_file(sums).find(fmt::format("  {}\n", release_mark)) != std::string::npos;
}

ReadRelease import_release(const Path& release, const Path& data) {
  if (fs::exists(data) && !(fs::is_directory(data) && fs::is_empty(data))) {
    throw Error("{}: holds something already; a release is read into a new folder", data.string());
  }
  const auto checksums = read_checksums(release);
  require_whole(release, checksums);
  verify(release, checksums);
  ReadRelease out{{}, about_of(release), std::ssize(checksums)};
  StagedFolder folder(data, "sources.json", false);
  for (const auto& one : checksums) {
    if (explains(one.file)) continue;
    const Path to = folder.folder() / one.file;
    fs::create_directories(to.parent_path());
    fs::copy_file(release / one.file, to);
    fs::permissions(to, fs::perms::owner_write, fs::perm_options::add);
  }
  out.report = report_of(folder.folder(), data);
  folder.commit();
  return out;
}

Json to_json(const ReadRelease& read) {
  Json out = Json::parse(to_json(read.report).dump());
  out["release"] = read.about;
  out["verified"] = read.files;
  return out;
}

std::string text_of(const ReadRelease& read) {
  const auto& about = read.about;
  const std::string license = about.at("license");
  std::string out = fmt::format("{}: a release; {} files are as they were released; licence: {}\n", printable(about.at("name").get<std::string>()),
                                read.files, license.empty() ? "none was given" : printable(license));
  out += fmt::format("  protocols: {}\n  signals: {}\n", printable(names_of(about.at("protocols"), "protocol")),
                     printable(names_of(about.at("signals"), "signal")));
  return out + fmt::format("{}: {} plays of {} tracks by {} listener(s)\n", printable(read.report.data), read.report.plays, read.report.tracks,
                           read.report.listeners);
}

}  // namespace segue
