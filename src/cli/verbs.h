#pragma once

#include <CLI/CLI.hpp>

#include "core/registry.h"

namespace segue {

/// What every verb takes.
struct Common {
  bool json = false;
  uint64_t seed = 1;
};

/// Adds --json, --quiet, --threads, --seed and --device to a verb; they act before its callback runs.
void add_common(CLI::App& verb, Common& common);

/// Adds one verb with its options and callback to the program.
using AddVerb = void (*)(CLI::App&);
const Registry<AddVerb>& verbs();

void add_evaluate(CLI::App& app);
void add_import(CLI::App& app);
void add_prepare(CLI::App& app);
void add_recommend(CLI::App& app);
void add_simulate(CLI::App& app);

}  // namespace segue
