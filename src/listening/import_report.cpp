#include <date/date.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "core/console.h"
#include "core/error.h"
#include "listening/import.h"

namespace segue {
namespace {

using nlohmann::json;

std::string day(int64_t ms) {
  const date::sys_days when = date::floor<date::days>(date::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(ms)));
  return date::format("%F", when);
}

json to_json(const std::map<std::string, Fate>& fates) {
  json out = json::object();
  for (const auto& [why, fate] : fates) {
    out[why] = {{"count", fate.count}};
    if (fate.row > 0) out[why].update({{"row", fate.row}, {"example", fate.example}});
  }
  return out;
}

std::map<std::string, Fate> fates_of(const json& from) {
  std::map<std::string, Fate> fates;
  for (const auto& [why, fate] : from.items()) {
    fates[why] = {fate.at("count"), fate.value("row", int64_t{0}), fate.value("example", std::string())};
  }
  return fates;
}

json to_json(const SourceReport& s) {
  json out{{"number", s.number}, {"path", printable(s.path)}, {"format", s.format}, {"files", json::array()},
           {"listeners", s.listeners}, {"listener_count", s.listener_count}, {"rows", s.rows}, {"added", s.added},
           {"already_known", s.already_known}, {"refined", s.refined}, {"refused", to_json(s.refused)},
           {"flagged", to_json(s.flagged)}, {"first_ms", s.first_ms}, {"last_ms", s.last_ms},
           {"newest_first", s.newest_first}, {"problem", printable(s.problem)}};
  for (const auto& file : s.files) out["files"].push_back(printable(file));
  return out;
}

SourceReport source_of(const json& from) {
  SourceReport s;
  s.number = from.at("number");
  s.path = from.at("path");
  s.format = from.at("format");
  s.files = from.at("files").get<std::vector<std::string>>();
  s.listeners = from.at("listeners").get<std::vector<std::string>>();
  s.listener_count = from.at("listener_count");
  s.rows = from.at("rows");
  s.added = from.at("added");
  s.already_known = from.at("already_known");
  s.refined = from.at("refined");
  s.refused = fates_of(from.at("refused"));
  s.flagged = fates_of(from.at("flagged"));
  s.first_ms = from.at("first_ms");
  s.last_ms = from.at("last_ms");
  s.newest_first = from.at("newest_first");
  s.problem = from.at("problem");
  return s;
}

void fate_rows(TextTable& table, const char* prefix, const std::map<std::string, Fate>& fates) {
  for (const auto& [why, fate] : fates) {
    const std::string example = fate.row > 0 ? fmt::format("row {}: {}", fate.row, fate.example.substr(0, 60)) : "";
    table.row({fmt::format("{}{}", prefix, why), std::to_string(fate.count), example});
  }
}

}  // namespace

json to_json(const ImportReport& report) {
  json out{{"data", printable(report.data)},     {"complete", report.complete()}, {"plays", report.plays},
           {"listeners", report.listeners}, {"tracks", report.tracks},       {"spellings", report.spellings},
           {"sources", json::array()}};
  for (const auto& source : report.sources) out["sources"].push_back(to_json(source));
  return out;
}

std::string text_of(const ImportReport& report) {
  std::string out;
  for (const auto& s : report.sources) {
    out += fmt::format("{}: {}, {} listener(s)", printable(s.path), s.format.empty() ? "unread" : s.format, s.listener_count);
    if (s.added + s.already_known > 0) out += fmt::format(", {} to {}", day(s.first_ms), day(s.last_ms));
    out += '\n';
    if (s.rows == 0) {
      out += fmt::format("  {}\n\n", s.problem.empty() ? "no rows" : "problem: " + printable(s.problem));
      continue;
    }
    TextTable table({"<rows", "count", "<example"});
    table.row({"read", std::to_string(s.rows), ""});
    table.row({"  new plays", std::to_string(s.added), ""});
    fate_rows(table, "  flagged: ", s.flagged);
    if (s.already_known > 0) table.row({"  already known", std::to_string(s.already_known), ""});
    if (s.refined > 0) table.row({"    made finer", std::to_string(s.refined), ""});
    fate_rows(table, "  refused: ", s.refused);
    out += table.text();
    if (!s.problem.empty()) out += fmt::format("  problem: {}\n", printable(s.problem));
    out += '\n';
  }
  return out + fmt::format("{}: {} plays of {} tracks by {} listener(s)\n", report.data, report.plays, report.tracks, report.listeners);
}

std::vector<SourceReport> load_sources(const Path& data) {
  try {
    std::vector<SourceReport> sources;
    for (const auto& source : json::parse(read_file(data / "sources.json"))) sources.push_back(source_of(source));
    return sources;
  } catch (const json::exception& bad) {
    throw Error("{}: not as Segue wrote it ({}); import the logs into a new folder", (data / "sources.json").string(), bad.what());
  }
}

void save_sources(const Path& folder, const std::vector<SourceReport>& sources) {
  json out = json::array();
  for (const auto& source : sources) out.push_back(to_json(source));
  write_file(folder / "sources.json", out.dump(1) + "\n");
}

}  // namespace segue
