#include "cli/verbs.h"

#include "core/parallel.h"
#include "core/progress.h"
#include "core/weights_budget.h"

namespace segue {

void add_common(CLI::App& verb, Common& common) {
  verb.add_flag("--json", common.json, "One JSON document on stdout, nothing else there");
  verb.add_flag_callback("--quiet", [] { set_quiet(true); }, "No progress, no notes");
  verb.add_option_function<int>("--threads", [](int n) { set_threads(n); }, "How many threads (default: all processors)")
      ->check(CLI::Range(1, 1024));
  verb.add_option("--seed", common.seed, "Seed of everything random")->capture_default_str();
  verb.add_option_function<std::vector<std::string>>("--device", [&common](const std::vector<std::string>& names) {
        common.device = names.front();
        if (names.size() > 1) set_weights_devices(names);
      }, "Where tensors are computed: cpu, cuda:0, …; of several with commas, e.g. cuda:0,cuda:1,cpu, each takes as many layers of a language model as fit, in order")
      ->delimiter(',')
      ->default_str("cpu");
}

void add_weights_budget(CLI::App& verb) {
  if (!with_tensors) return;
  verb.add_option_function<uint64_t>("--weights-budget", [](uint64_t bytes) { set_weights_budget(static_cast<int64_t>(bytes)); },
                                     "Memory for the weights of a language model, e.g. 4GiB: layers that don't fit are read from disk for each pass (default: any)")
      ->transform(CLI::AsSizeValue(false));
}

const Registry<AddVerb>& verbs() {
  static const Registry<AddVerb> table{
      "verb",
      {
#if SEGUE_WITH_TENSORS
          {"annotate", add_annotate},
#endif
          {"audit", add_audit},
#if SEGUE_WITH_TENSORS
          {"compare", add_compare},
          {"encode", add_encode},
#endif
          {"evaluate", add_evaluate},
#if SEGUE_WITH_TENSORS
          {"genes", add_genes},
#endif
          {"import", add_import},
#if SEGUE_WITH_TENSORS
          {"neighbours", add_neighbours},
#endif
          {"prepare", add_prepare},
#if SEGUE_WITH_TENSORS
          {"quantise", add_quantise},
#endif
          {"recommend", add_recommend},
          {"release", add_release},
#if SEGUE_WITH_TENSORS
          {"signals", add_signals},
#endif
          {"simulate", add_simulate},
#if SEGUE_WITH_TENSORS
          {"train", add_train},
#endif
      },
  };
  return table;
}

}  // namespace segue
