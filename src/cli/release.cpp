#include "experiments/release.h"

#include <fmt/format.h>

#include <memory>

#include "cli/verbs.h"

namespace segue {
namespace {

struct Arguments {
  Common common;
  std::string data, into;
  ReleaseOptions options;
};

void run(const Arguments& given) {
  const Release release = release_data(given.data, given.into, given.options);
  if (given.common.json) fmt::print("{}\n", to_json(release, true).dump(1));
  else fmt::print("{}", text_of(release));
}

}  // namespace

void add_release(CLI::App& app) {
  auto given = std::make_shared<Arguments>();
  ReleaseOptions& options = given->options;
  auto* verb = app.add_subcommand("release", "What may be shared of a data folder: tables, cases, vectors, with a card; no sound, no lyrics");
  verb->add_option("data", given->data, "The data folder")->required();
  verb->add_option("--into", given->into, "A new folder, or one that holds an older release")->required();
  verb->add_option("--protocol", options.protocols, "Only this one; may be repeated (default: all that are prepared; none: the log alone)");
  verb->add_option("--signal", options.signals, "Only this one; may be repeated (default: all; none: no vectors)");
  verb->add_flag("--keep-listeners", options.keep_listeners, "Keep the listeners' names, which are otherwise numbers");
  verb->add_flag("--without-names", options.without_names, "Numbers instead of the names and ids of artists and tracks, where an evaluation stays the same");
  verb->add_option("--name", options.name, "Of the data set (default: that of the folder)");
  verb->add_option("--description", options.description, "What it is, in a few sentences");
  verb->add_option("--license", options.license, "Under which it may be used, e.g. CC-BY-4.0 or a URL");
  verb->add_option("--creator", options.creator, "Who releases it");
  verb->add_option("--url", options.url, "Where it is going to be found");
  verb->add_option("--edition", options.edition, "Which state of the data this is")->capture_default_str();
  add_common(*verb, given->common);
  verb->callback([given] { run(*given); });
}

}  // namespace segue
