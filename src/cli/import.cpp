#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/verbs.h"
#include "core/console.h"
#include "core/error.h"
#include "experiments/read_release.h"
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

/// Nothing of how logs are read applies to a release: it is taken as it is.
void run_release(const Arguments& given) {
  const ImportOptions& o = given.options;
  if (given.paths.size() > 1) throw Error("{}: a release is read alone, into a data folder of its own", printable(given.paths.front()));
  if (!o.format.empty() || !o.listener.empty() || o.time_zone != ImportOptions().time_zone || !o.lengths.empty() || !o.corrections.empty() || o.same_person) {
    throw Error("{}: a release is taken as it is; only --into applies", printable(given.paths.front()));
  }
  const auto read = import_release(given.paths.front(), given.data);
  if (given.common.json) fmt::print("{}\n", to_json(read).dump(1));
  else fmt::print("{}", text_of(read));
}

void run(const Arguments& given) {
  if (std::any_of(given.paths.begin(), given.paths.end(), [](const auto& path) { return is_release(path); })) return run_release(given);
  const auto report = import_logs({given.paths.begin(), given.paths.end()}, given.data, given.options);
  if (given.common.json) fmt::print("{}\n", to_json(report).dump(1));
  else fmt::print("{}", text_of(report));
  std::vector<std::string> problems;
  for (const auto& source : report.sources) {
    if (!source.problem.empty()) problems.push_back(source.problem);
  }
  if (!problems.empty()) throw Error("{}", fmt::join(problems, "; "));
  if (report.plays == 0) throw Error("{}: no play in what was given; the report says why", given.data);
}

}  // namespace

void add_import(CLI::App& app) {
  auto given = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("import", "Listening logs to a data folder: plays, spellings, tracks, listeners");
  verb->add_option("paths", given->paths,
                   "Logs: files, zips, tars or folders; each is one source (of a folder of archives, each archive). Or one release")
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
