#include <CLI/CLI.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "cli/hand_over.h"
#include "cli/verbs.h"
#include "core/console.h"
#include "core/error.h"
#include "core/parallel.h"
#include "core/progress.h"

int main(int argc, char** argv) {
  CLI::App app{"Segue: reads listening logs and says which track comes next.", "segue"};
  app.require_subcommand(1);
  app.set_version_flag("--version", SEGUE_VERSION);
  for (const auto& [name, add] : segue::verbs()) add(app);
  if (argc < 2) {
    fmt::print(stderr, "{}", app.help());
    return 2;
  }
  if (argv[1][0] != '-') {
    try {
      segue::verbs().at(argv[1]);
    } catch (const segue::Error& unknown) {
      fmt::print(stderr, "segue: {}\n", unknown.what());
      return 2;
    }
  }
  try {
    segue::hand_over(argc, argv);
    app.parse(argc, argv);
    // What was printed may still wait for the disk: where that is full, it shows only here.
    if (std::fflush(stdout) != 0 || std::ferror(stdout)) throw segue::Error("the output can't be written: {}", std::strerror(errno));
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong) == 0 ? 0 : 2;
  } catch (const std::exception& failed) {
    fmt::print(stderr, "segue: {}\n", segue::printable(failed.what()));  // it may quote names
    return 1;
  }
  return 0;
}
