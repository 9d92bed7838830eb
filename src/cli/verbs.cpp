#include "cli/verbs.h"

#include "core/parallel.h"
#include "core/progress.h"

namespace segue {

void add_common(CLI::App& verb, Common& common) {
  verb.add_flag("--json", common.json, "One JSON document on stdout, nothing else there");
  verb.add_flag_callback("--quiet", [] { set_quiet(true); }, "No progress, no notes");
  verb.add_option_function<int>("--threads", [](int n) { set_threads(n); }, "How many threads (default: all processors)")
      ->check(CLI::Range(1, 1024));
  verb.add_option("--seed", common.seed, "Seed of everything random")->capture_default_str();
  verb.add_option("--device", common.device, "Where tensors are computed: cpu, cuda:0, …")->capture_default_str();
}

const Registry<AddVerb>& verbs() {
  static const Registry<AddVerb> table{
      "verb",
      {
          {"compare", add_compare},
          {"evaluate", add_evaluate},
          {"import", add_import},
          {"prepare", add_prepare},
          {"recommend", add_recommend},
          {"simulate", add_simulate},
#if SEGUE_WITH_TENSORS
          {"train", add_train},
#endif
      },
  };
  return table;
}

}  // namespace segue
