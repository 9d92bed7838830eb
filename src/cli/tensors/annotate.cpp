#include "annotation/annotate.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "annotation/chat_client.h"
#include "annotation/gene_signal.h"
#include "annotation/local_model.h"
#include "cli/verbs.h"
#include "core/console.h"
#include "core/error.h"
#include "language/checkpoint.h"

namespace segue {
namespace {

struct Arguments {
  Common common;
  std::string data, signal = "genes", model_dir, storage, table, key_env = "SEGUE_API_KEY", key_file, by = "all";
  std::vector<std::string> evidence;
  std::vector<double> price;
  double budget = -1, timeout_s = 120;
  bool dry_run = false;
  ChatClient::Options server;
  AnnotateOptions ask;
  TrustOptions trust;
};

void take_evidence(Arguments& given) {
  auto& evidence = given.ask.asked.evidence;
  for (const auto& what : given.evidence) {
    if (what == "lyrics") evidence.lyrics = true;
    if (what == "tags") evidence.tags = true;
    if (what == "tempo") evidence.tempo = true;
    if (what == "sound") evidence.sound = true;
  }
  if (evidence.tags && evidence.tag_file.empty()) throw Error("--evidence tags needs --tags FILE, the words of artists");
}

/// Checks what is given, and makes of it what is asked of whom.
void settle(Arguments& given) {
  const int ways = static_cast<int>(!given.server.url.empty()) + static_cast<int>(!given.model_dir.empty()) + static_cast<int>(!given.table.empty());
  if (ways != 1) throw Error("whose annotations? One of --endpoint URL with --model NAME, --model-dir FOLDER, --table FILE");
  if (!given.server.url.empty() && given.server.model.empty()) throw Error("--endpoint needs --model NAME: which of its models is asked?");
  if (!given.server.url.empty()) read_endpoint(given.server.url);
  if (given.budget >= 0) given.ask.budget = given.budget;
  if (given.ask.budget && given.price.empty()) throw Error("--budget needs --price READ,WRITE: what a million tokens cost, read and written");
  if (!given.price.empty()) given.ask.price = {given.price.at(0), given.price.at(1)};
  given.ask.seed = given.trust.seed = given.common.seed;
  given.ask.asked.plan.by_category = given.by == "category";
  given.ask.asked.model = given.server.model;
  if (!given.model_dir.empty()) {
    const Path folder = Path(given.model_dir).lexically_normal();
    const auto name = (folder.has_filename() ? folder : folder.parent_path()).filename().string();
    given.ask.asked.model = fmt::format("{} {}{}", name, checkpoint_fingerprint(folder), given.storage.empty() ? "" : " in " + given.storage);
    given.ask.at_once = 1;  // its threads are busy with one
  }
  take_evidence(given);
}

std::unique_ptr<ChatModel> model_of(Arguments& given) {
  if (!given.model_dir.empty()) {
    LocalModel::Options options;
    options.folder = given.model_dir;
    options.storage = given.storage;
    options.device = given.common.device;
    return std::make_unique<LocalModel>(options);
  }
  given.server.whole = std::chrono::milliseconds(static_cast<int64_t>(1000 * given.timeout_s));
  given.server.key = read_key(given.key_env, given.key_file);
  given.server.seed = given.common.seed;
  return std::make_unique<ChatClient>(given.server);
}

void print(const Arguments& given, const nlohmann::ordered_json& document, const std::string& text) {
  if (given.common.json) fmt::print("{}\n", document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
  else fmt::print("{}", text);
}

void run(Arguments given) {
  if (!given.table.empty()) {
    settle(given);
    const GeneTable table = read_gene_table(given.data, given.table, given.trust.scale);
    const auto report = make_gene_signal(given.data, given.signal, table, given.table);
    return print(given, {{"table", to_json(table.report)}, {"signal", to_json(report)}}, text_of(table.report) + text_of(report));
  }
  settle(given);
  if (given.dry_run) {
    const std::string where = given.model_dir.empty() ? read_endpoint(given.server.url).where : "this machine";
    const auto estimate = estimate_asking(given.data, given.ask);
    return print(given, to_json(estimate, given.ask, where), text_of(estimate, given.ask, where));
  }
  check_gene_signal(given.data, given.signal, given.ask.asked);
  const auto model = model_of(given);
  const AskReport asked = ask_for_genes(given.data, *model, given.ask);
  const auto report = make_gene_signal(given.data, given.signal, given.ask.asked, given.trust);
  print(given, {{"asked", to_json(asked)}, {"signal", to_json(report)}}, text_of(asked) + text_of(report));
  if (!asked.stopped.empty()) throw Error("{}; {} of {} tracks are answered and kept: the same command goes on from there", asked.stopped, asked.whole + asked.part, asked.wanted);
}

void add_asking(CLI::App& verb, const std::shared_ptr<Arguments>& given) {
  auto& ask = given->ask;
  verb.add_option("--endpoint", given->server.url, "A server that speaks OpenAI's /v1/chat/completions: http://127.0.0.1:8080, https://HOST/v1, …");
  verb.add_option("--model", given->server.model, "Which of its models");
  verb.add_option("--key-env", given->key_env, "The environment variable that holds its key")->capture_default_str();
  verb.add_option("--key-file", given->key_file, "A file that holds its key instead")->check(CLI::ExistingFile);
  verb.add_option("--proxy", given->server.proxy, "Through which requests go (default: as the environment says; never to this machine itself)");
  verb.add_option("--ca-file", given->server.ca_file, "Certificates that are trusted, for a server of your own")->check(CLI::ExistingFile);
  verb.add_option("--timeout", given->timeout_s, "Seconds for a whole request")->capture_default_str()->check(CLI::PositiveNumber);
  verb.add_option("--model-dir", given->model_dir, "A language model in the layout of Hugging Face instead, run here and held to the schema")->check(CLI::ExistingDirectory);
  verb.add_option("--storage", given->storage, "Of its weights (default: as they are quantised, else f32)")->check(CLI::IsMember({"f32", "bf16", "int8", "nf4"}));
  verb.add_option("--evidence", given->evidence, "What is told besides the names: lyrics, tags, tempo, sound")->delimiter(',')->check(CLI::IsMember({"lyrics", "tags", "tempo", "sound"}));
  verb.add_option("--tags", ask.asked.evidence.tag_file, "With --evidence tags: words of artists, a JSON object or a table artist, tags")->check(CLI::ExistingFile);
  verb.add_option("--together", ask.asked.plan.together, "Tracks in a request")->capture_default_str()->check(CLI::Range(1, 50));
  verb.add_option("--by", given->by, "all: every category in one request; category: a request for each")->capture_default_str()->check(CLI::IsMember({"all", "category"}));
  verb.add_option("--passes", ask.asked.plan.passes, "How often each track is asked for, every other time in reverse order; what differs is left out")->capture_default_str()->check(CLI::Range(1, 9));
  verb.add_option("--repairs", ask.repairs, "How often an answer that is not as asked is sent back")->capture_default_str()->check(CLI::Range(0, 9));
  verb.add_option("--at-once", ask.at_once, "Requests in flight")->capture_default_str()->check(CLI::Range(1, 512));
  verb.add_option("--limit", ask.limit, "Only so many tracks, the most played")->check(CLI::PositiveNumber);
  verb.add_option("--price", given->price, "READ,WRITE: what a million tokens cost, of the prompt and of the answer")->delimiter(',')->expected(2)->check(CLI::NonNegativeNumber);
  verb.add_option("--budget", given->budget, "Stops before more than this was ever spent on this data folder")->check(CLI::NonNegativeNumber);
  verb.add_flag("--again", ask.again, "Asks once more where not all of an answer was valid");
  verb.add_flag("--dry-run", given->dry_run, "Sends nothing: says how much there is to ask, what it costs, what is told, and shows a whole prompt");
}

void add_trust(CLI::App& verb, const std::shared_ptr<Arguments>& given) {
  verb.add_option("--least-confidence", given->trust.least_confidence, "Takes no category of which the model is less sure than this")->capture_default_str()->check(CLI::IsMember(confidences()));
  verb.add_option("--experts", given->trust.experts, "A table of experts' values: judges each gene, calibrates those that are of use, leaves out the others")->check(CLI::ExistingFile);
  verb.add_flag("--keep-unusable", given->trust.keep_unusable, "Keeps genes that are no better than always the median");
}

}  // namespace

void add_annotate(CLI::App& app) {
  auto given = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("annotate", annotate_help);
  verb->add_option("data", given->data, "A data folder")->required()->check(CLI::ExistingDirectory);
  verb->add_option("--signal", given->signal, "How the signal is called")->capture_default_str();
  add_asking(*verb, given);
  add_trust(*verb, given);
  verb->add_option("--table", given->table, "Annotations that others made instead: TSV, CSV or Parquet with artist and title, or id, and the genes by name")->check(CLI::ExistingFile);
  verb->add_option_function<std::string>("--scale", [given](const std::string& most) { given->trust.scale = most == "1" ? GeneScale::one : GeneScale::five; },
                                         "The greatest value of a table: 1 or 5 (default: 5 where a value is above 1)")
      ->check(CLI::IsMember({"1", "5"}));
  add_weights_budget(*verb);
  add_common(*verb, given->common);
  verb->callback([given] { run(*given); });
}

}  // namespace segue
