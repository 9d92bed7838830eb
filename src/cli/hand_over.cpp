#include "cli/hand_over.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "cli/verbs.h"
#include "core/error.h"

namespace segue {
namespace {

bool wants_tensors(int argc, char** argv) {
  if (!with_tensors) return false;
  for (const char* verb : {"annotate", "compare", "encode", "genes", "neighbours", "quantise", "signals", "train"}) {
    if (argc > 1 && std::strcmp(argv[1], verb) == 0) return true;
  }
  return std::any_of(argv + 1, argv + argc, [](std::string_view word) {
    return word == "--run" || word.starts_with("--run=") || word == "--zero-shot" || word.starts_with("--zero-shot=");
  });
}

}  // namespace

void hand_over(int argc, char** argv) {
  if (argc < 2 || !wants_tensors(argc, argv)) return;
  // Threads of a tensor operation wait for each other by spinning; where the processors are shared that eats the time of
  // the one that is waited for.
  ::setenv("GOMP_SPINCOUNT", "20000", 0);
  const Path here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const Path installed = (here / SEGUE_PRIVATE_FOLDER).lexically_normal();
  for (const Path& folder : {here, installed}) {
    const Path other = folder / "segue-tensors";
    if (!std::filesystem::exists(other)) continue;
    ::execv(other.c_str(), argv);
    throw Error("{}, which computes tensors, does not start: {}", other.string(), std::strerror(errno));
  }
  throw Error("segue-tensors, which computes tensors, is neither in {} nor in {}; move segue with it, or install again",
              here.string(), installed.string());
}

// The other program has these. Here they only have to be there: hand_over() comes first.
void add_annotate(CLI::App& app) { app.add_subcommand("annotate", annotate_help); }
void add_compare(CLI::App& app) { app.add_subcommand("compare", compare_help); }
void add_encode(CLI::App& app) { app.add_subcommand("encode", encode_help); }
void add_genes(CLI::App& app) { app.add_subcommand("genes", genes_help); }
void add_neighbours(CLI::App& app) { app.add_subcommand("neighbours", neighbours_help); }
void add_quantise(CLI::App& app) { app.add_subcommand("quantise", quantise_help); }
void add_signals(CLI::App& app) { app.add_subcommand("signals", signals_help); }
void add_train(CLI::App& app) { app.add_subcommand("train", train_help); }
std::vector<TrainedRanker> trained_rankers(const std::vector<std::string>&, const Prepared&, const std::string&, uint64_t) { return {}; }
bool helped_first(const std::vector<std::string>&, const Prepared&, const std::string&) {
  const char* const number = std::getenv("RANK");  // without a model there is nothing to help with
  return number != nullptr && std::atoi(number) > 0;
}
std::vector<TrainedRanker> zero_shot_rankers(const ZeroShotRequest&, const Prepared&, const std::string&, uint64_t) { return {}; }
MakeTrained trained_for(const std::string&, const std::string&, const DataFolder&, const std::string&, const std::string&) { return {}; }

}  // namespace segue
