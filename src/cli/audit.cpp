#include "experiments/audit.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/verbs.h"
#include "core/error.h"
#include "experiments/audit_text.h"

namespace segue {
namespace {

struct Arguments {
  Common common;
  std::vector<std::string> files;
  AuditRequest request;
  std::string split, part = "test", metric;
  bool percent = false;
};

void run(Arguments given) {
  std::optional<Split> split;
  if (!given.split.empty()) {
    split = read_split(given.split, given.part, given.common.seed);
    if (given.request.cases == 0) given.request.cases = split->cases;
    if (given.request.candidates == 0) given.request.candidates = split->candidates;
  }
  std::vector<RecordedRun> runs;
  for (const auto& file : given.files) {
    for (auto& one : read_recorded(file, given.percent)) runs.push_back(std::move(one));
  }
  const Audit result = audit(std::move(runs), given.request);
  const auto text = audit_text(result, split, given.metric);
  if (given.common.json) fmt::print("{}\n", audit_json(result, split).dump(1));
  else fmt::print("{}", text);
}

}  // namespace

void add_audit(CLI::App& app) {
  auto given = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("audit", "What results that others recorded are worth: against guessing, against each other, and what would explain them");
  verb->add_option("files", given->files, "Tables (CSV, TSV, Markdown), logs of RecBole, JSON, results of E4SRec (see docs/audit.md)")->required();
  verb->add_option("--cases", given->request.cases, "Questions that each run was asked, where its file does not say")->check(CLI::PositiveNumber);
  verb->add_option("--candidates", given->request.candidates, "Different tracks that each target was ranked among, itself included")->check(CLI::Range(int64_t{2}, int64_t{1} << 40));
  verb->add_option("--baseline", given->request.baseline, "The run that the others are compared with (default: the first)");
  verb->add_option("--metric", given->metric, "Recall of which gains are printed, e.g. recall@5 (default: recall@10; --json has all)");
  verb->add_flag("--percent", given->percent, "Figures are of 100");
  verb->add_option("--split", given->split, "Folder with train.txt, test.txt and test_sample.txt: checks the candidates and asks counters the same questions");
  verb->add_option("--part", given->part, "Of the split: test or val")->capture_default_str()->check(CLI::IsMember({"val", "test"}));
  add_common(*verb, given->common);
  verb->callback([given] { run(*given); });
}

}  // namespace segue
