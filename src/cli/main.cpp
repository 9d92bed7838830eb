#include <CLI/CLI.hpp>

#include "cli/verbs.h"
#include "core/console.h"
#include "core/error.h"
#include "core/parallel.h"
#include "core/progress.h"

int main(int argc, char** argv) {
  CLI::App app{"Segue: reads listening logs and says which track comes next."};
  app.require_subcommand(1);
  app.set_version_flag("--version", SEGUE_VERSION);
  for (const auto& [name, add] : segue::verbs()) add(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong) == 0 ? 0 : 2;
  } catch (const std::exception& failed) {
    fmt::print(stderr, "segue: {}\n", segue::printable(failed.what()));  // it may quote names
    return 1;
  }
  return 0;
}
