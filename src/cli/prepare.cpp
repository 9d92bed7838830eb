#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/verbs.h"
#include "core/console.h"
#include "sessions/prepared.h"

namespace segue {
namespace {

struct Arguments {
  Common common;
  std::string data, protocol = "segue", config;
  std::vector<std::string> settings;
  std::string ties, track_key;
  bool no_hash = false;
};

std::string list_of_protocols() {
  std::string text;
  for (const auto& [name, protocol] : protocols()) text += fmt::format("\n  {:<12} {}", name, protocol.about);
  return text;
}

/// "C3_sessions" as "C3 sessions"; the rules are in docs/protocol.md.
std::string in_words(std::string step) {
  std::replace(step.begin(), step.end(), '_', ' ');
  return step;
}

void show(const nlohmann::ordered_json& out, const std::string& folder) {
  TextTable table({"<step", "rows", "listeners", "tracks", "sessions"});
  for (const auto& [name, step] : out.at("steps").items()) {
    const auto& counts = step.contains("live") ? step.at("live") : step;
    if (!counts.contains("rows")) continue;
    const auto cell = [&](const char* key) { return counts.contains(key) ? counts.at(key).dump() : std::string(); };
    table.row({step.contains("live") ? "C2 live" : in_words(name), cell("rows"), cell("users"), cell("tracks"), cell("sessions")});
  }
  fmt::print("{}", table.text());
  for (const char* part : {"val", "test"}) {
    const auto& cases = out.at("cases").at(part);
    fmt::print("{:<5} {} cases of {} listener(s), {} with a target in the catalogue of {} tracks\n", part, cases.at("cases").dump(),
               cases.at("listeners_with_cases").dump(), cases.at("cases_in_catalogue").dump(), out.at("log").at("catalogue").dump());
  }
  fmt::print("{}: data hash {}\n", folder, out.at("data_hash").get<std::string>());
}

void run(const Arguments& given) {
  Protocol protocol = protocols().at(given.protocol);
  auto settings = given.settings;
  if (!given.ties.empty()) settings.push_back("sessions.ties=" + given.ties);
  if (!given.track_key.empty()) settings.push_back("sessions.track_key=" + given.track_key);
  protocol.configure(read_config(given.config, settings));
  const Prepared prepared = prepare(given.data, protocol, !given.no_hash);
  save(prepared, given.data);
  const auto out = summary(prepared);
  if (given.common.json) fmt::print("{}\n", out.dump(1));
  else show(out, given.data + "/protocols/" + given.protocol);
}

}  // namespace

void add_prepare(CLI::App& app) {
  auto given = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("prepare", "Cut a data folder into sessions, parts and cases, by a protocol");
  verb->add_option("data", given->data, "The data folder")->required();
  verb->add_option("--protocol", given->protocol, "One of:" + list_of_protocols())
      ->capture_default_str()
      ->check(CLI::IsMember(protocols().names()));
  verb->add_option("--config", given->config, "YAML file with sections sessions and split");
  verb->add_option("--set", given->settings, "One setting, e.g. sessions.min_user=300; may be repeated");
  verb->add_option("--ties", given->ties, "Order of plays with one time: auto, reverse, file, key");
  verb->add_option("--track-key", given->track_key, "What one track is: track (of the data folder) or raw (as the logs spell it)");
  verb->add_flag("--no-hash", given->no_hash, "Leave out the hashes of the rows and the description of accounts");
  add_common(*verb, given->common);
  verb->callback([given] { run(*given); });
}

}  // namespace segue
