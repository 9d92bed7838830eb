#pragma once

#include <CLI/CLI.hpp>

#include "core/registry.h"

namespace segue {

/// What every verb takes.
struct Common {
  bool json = false;
  uint64_t seed = 1;
  std::string device = "cpu";
};

/// Adds --json, --quiet, --threads, --seed and --device to a verb; they act before its callback runs.
void add_common(CLI::App& verb, Common& common);

/// Adds --weights-budget to a verb that may open a language model.
void add_weights_budget(CLI::App& verb);

/// Adds one verb with its options and callback to the program.
using AddVerb = void (*)(CLI::App&);
const Registry<AddVerb>& verbs();

/// Whether the program that computes tensors was built too: where not, nothing that needs it is offered.
constexpr bool with_tensors = SEGUE_WITH_TENSORS;

/// Verbs that compute tensors are done by a second program, which loads libtorch. In the first one their rows only give
/// the help's line: it hands over before it would run them.
constexpr const char* annotate_help = "Asks a language model for 58 attributes of each track, and says how far to trust it";
constexpr const char* compare_help = "Many runs, several seeds each, in one table: what is a model worth?";
constexpr const char* encode_help = "Turns music, lyrics and names into vectors of the tracks";
constexpr const char* genes_help = "The 58 attributes of a track as a chart, or how many are known and how good they are";
constexpr const char* neighbours_help = "Which tracks are most like one, by a signal";
constexpr const char* quantise_help = "Keeps the weights of a language model in 8 or 4 bits, once and for all";
constexpr const char* signals_help = "What is known of the tracks: coverage of each signal, or a map of one";
constexpr const char* train_help = "Learns a sequence model from a prepared log";

void add_annotate(CLI::App& app);
void add_audit(CLI::App& app);
void add_compare(CLI::App& app);
void add_encode(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_genes(CLI::App& app);
void add_import(CLI::App& app);
void add_neighbours(CLI::App& app);
void add_prepare(CLI::App& app);
void add_quantise(CLI::App& app);
void add_recommend(CLI::App& app);
void add_release(CLI::App& app);
void add_signals(CLI::App& app);
void add_simulate(CLI::App& app);
void add_train(CLI::App& app);

}  // namespace segue
