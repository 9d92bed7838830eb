#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/verbs.h"
#include "core/error.h"
#include "listening/import.h"
#include "listening/importer.h"

namespace segue {
namespace {

struct Arguments {
  Common common;
  std::vector<std::string> paths;
  std::string data;
  ImportOptions options;
};

void run(const Arguments& given) {
  const auto report = import_logs({given.paths.begin(), given.paths.end()}, given.data, given.options);
  if (given.common.json) fmt::print("{}\n", to_json(report).dump(1));
  else fmt::print("{}", text_of(report));
  std::vector<std::string> problems;
  for (const auto& source : report.sources) {
    if (source.problem.empty()) continue;
    const bool named = source.problem.starts_with(source.path);
    problems.push_back(named ? source.problem : fmt::format("{}: {}", source.path, source.problem));
  }
  if (!problems.empty()) throw Error("{}", fmt::join(problems, "; "));
  if (report.plays == 0) throw Error("{}: no play in what was given; the report says why", given.data);
}

}  // namespace

void add_import(CLI::App& app) {
  auto given = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("import", "Listening logs to a data folder: plays, spellings, tracks, listeners");
  verb->add_option("paths", given->paths,
                   "Logs: files, zips, tars or folders; each is one source (of a folder of archives, each archive)")
      ->required();
  verb->add_option("--into", given->data, "The data folder; what is there already is kept")->required();
  verb->add_option("--format", given->options.format, "Instead of looking at the content")->check(CLI::IsMember(importers().names()));
  verb->add_option("--listener", given->options.listener, "Whose plays these are (default: as the file says, else its name)");
  verb->add_option("--time-zone", given->options.time_zone, "Of times that name none, e.g. Europe/Berlin")->capture_default_str();
  verb->add_option("--lengths", given->options.lengths, "Table of track lengths: track_key or artist and title, duration_ms");
  verb->add_option("--corrections", given->options.corrections, "Table: artist, title, same_as_artist, same_as_title");
  verb->add_flag("--same-person", given->options.same_person, "Two sources of one listener may play at the same time");
  add_common(*verb, given->common);
  verb->callback([given] { run(*given); });
}

}  // namespace segue
