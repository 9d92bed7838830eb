#include "training/model_card.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "core/console.h"
#include "core/options.h"
#include "evaluation/findings.h"
#include "evaluation/json.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

/// What a card speaks of.
struct Facts {
  YAML::Node config;
  std::string backbone, protocol, data_hash, seed;
  Json metrics = Json::object();
  std::optional<Evaluation> told;
};

std::string setting(const YAML::Node& config, const char* section, const char* key) {
  const YAML::Node of = config[section];
  return of && of[key] ? of[key].as<std::string>() : "";
}

Facts facts_of(const Path& run, const Path& into) {
  Facts facts;
  facts.config = read_config((run / "config.yaml").string(), {});
  facts.backbone = setting(facts.config, "backbone", "name");
  facts.protocol = setting(facts.config, "run", "protocol");
  facts.data_hash = setting(facts.config, "run", "data_hash");
  facts.seed = setting(facts.config, "run", "seed");
  if (std::filesystem::exists(into / "metrics.json")) {
    const auto metrics = Json::parse(read_file(into / "metrics.json"), nullptr, false);
    if (metrics.is_object()) facts.metrics = metrics;
  }
  const Path answers = into / "evaluation.json";
  if (std::filesystem::exists(answers)) facts.told = evaluation_from_json(read_file(answers), answers.string());
  return facts;
}

/// The results as Hugging Face's model index has them.
YAML::Node model_index(const Facts& facts) {
  YAML::Node results(YAML::NodeType::Sequence);
  for (const auto& ranker : facts.told->rankers) {
    YAML::Node result, task, dataset;
    task["type"] = "sequential-recommendation";
    task["name"] = "Which track comes next";
    dataset["name"] = "listening log " + facts.data_hash;
    dataset["type"] = "listening-log";
    dataset["config"] = facts.protocol;
    dataset["split"] = facts.told->protocol.part;
    result["task"] = task;
    result["dataset"] = dataset;
    for (const std::string name : {"ndcg@10", "recall@10", "mrr@10"}) {
      const auto found = ranker.all.metrics.find(name);
      if (found == ranker.all.metrics.end()) continue;
      YAML::Node metric;
      metric["type"] = name;
      metric["name"] = ranker.name + ", " + name;
      metric["value"] = found->second.mean;
      result["metrics"].push_back(metric);
    }
    results.push_back(result);
  }
  YAML::Node model, index(YAML::NodeType::Sequence);
  model["name"] = "segue-" + facts.backbone;
  model["results"] = results;
  index.push_back(model);
  return index;
}

std::string front_matter(const Facts& facts) {
  YAML::Node front(YAML::NodeType::Map);
  front["library_name"] = "segue";
  for (const std::string tag : {"recommendation", "sequential-recommendation", "session-based", "music"}) front["tags"].push_back(tag);
  front["tags"].push_back(facts.backbone);
  for (const std::string name : {"ndcg@10", "recall@10", "mrr@10"}) front["metrics"].push_back(name);
  if (facts.told) front["model-index"] = model_index(facts);
  YAML::Emitter out;
  out << front;
  return std::string("---\n") + out.c_str() + "\n---\n\n";
}

/// Signals, and what of them and of the ids is heard; empty where ids are all there is.
std::string known_by(const Facts& facts) {
  const YAML::Node items = facts.config["items"];
  const auto signals = items && items["signals"] ? items["signals"].as<std::vector<std::string>>() : std::vector<std::string>();
  if (signals.empty()) return {};
  const auto parts = facts.metrics.find("parts");
  return fmt::format("ids and {}; hears {}", fmt::join(signals, ", "), parts == facts.metrics.end() ? "everything" : parts->value("name", ""));
}

std::string what_it_is(const Facts& facts) {
  const auto row = [](const char* label, const std::string& value) { return value.empty() ? "" : fmt::format("| {} | {} |\n", label, markdown_text(value)); };
  const auto& config = facts.config;
  std::string out = fmt::format("# {}: which track comes next\n\nA sequence model of listening, trained with Segue: it reads a listener's plays and scores every track "
                                "of its catalogue as the next one.\n\n| | |\n| --- | --- |\n", facts.backbone);
  out += row("backbone", facts.backbone) + row("width of the item vectors", setting(config, "items", "width")) +
         row("knows tracks by", known_by(facts)) + row("plays in a window", setting(config, "windows", "length")) + row("objective", setting(config, "objective", "name"));
  out += row("protocol", facts.protocol) + row("data hash", facts.data_hash) + row("seed", facts.seed);
  if (facts.metrics.contains("steps")) out += row("steps", facts.metrics["steps"].dump());
  if (facts.metrics.contains("ships")) out += row("recommends with", facts.metrics.value("ships", "") + ": " + facts.metrics.value("reason", ""));
  return out + "\nAll settings, with every default, are in `config.yaml`.\n\n";
}

std::string validation(const Facts& facts) {
  const auto found = facts.metrics.find("validation");
  if (found == facts.metrics.end() || !found->is_object() || !found->contains("ndcg@10")) return {};
  return fmt::format("Validation, by which training stopped: ndcg@10 {:.4f}, recall@10 {:.4f} over {} cases. It chose the weights, so it flatters them.\n\n",
                     found->value("ndcg@10", 0.0), found->value("recall@10", 0.0), found->value("cases", int64_t{0}));
}

std::string results(const Facts& facts) {
  if (!facts.told) return "The test questions were not asked yet: `segue compare` or `segue evaluate DATA --run RUN` asks them.\n\n";
  TextTable protocol({"<protocol", "<" + facts.protocol});
  for (const auto& [label, value] : protocol_facts(*facts.told)) {
    if (label != "protocol") protocol.row({label, value});
  }
  TextTable table({"<ranker", "ndcg@10", "95 %", "recall@10", "95 %", "mrr@10"});
  const auto row = [&](const std::string& name, const Metrics& metrics) {
    const auto &ndcg = metrics.at("ndcg@10"), &recall = metrics.at("recall@10"), &mrr = metrics.at("mrr@10");
    table.row({name, fmt::format("{:.4f}", ndcg.mean), fmt::format("[{:.4f}, {:.4f}]", ndcg.low, ndcg.high), fmt::format("{:.4f}", recall.mean),
               fmt::format("[{:.4f}, {:.4f}]", recall.low, recall.high), fmt::format("{:.4f}", mrr.mean)});
  };
  for (const size_t i : best_first(*facts.told)) row(facts.told->rankers[i].name, facts.told->rankers[i].all.metrics);
  row("chance", facts.told->chance);
  return table.markdown() + "\n" + protocol.markdown() +
         "\nThis is one seed, and no ranker that only counts stands beside it: whether the model is worth anything is said by a table of `segue compare`.\n\n";
}

std::string use_and_limits(const Facts& facts) {
  return fmt::format("## Use\n\n```\nsegue recommend DATA --run RUN --listener NAME -k 20\nsegue evaluate DATA --protocol {} --run RUN\n```\n\n"
                     "DATA is the data folder that it learned from, RUN this folder.\n\n## Limits\n\n"
                     "* It knows the tracks of that data folder that were played in its training part{}.\n"
                     "* Most plays are repeats; figures over all cases say little of tracks that are new to a listener.\n"
                     "* It learned from the people in that log. An interval over them is one over people like them.\n"
                     "* `tracks.parquet` beside it names the tracks it learned from, and the weights depend on what these people played: pass it on only if "
                     "they agree.\n", facts.protocol, known_by(facts).empty() ? ", and no others" : ", and others by their content where it hears that");
}

}  // namespace

void write_model_card(const Path& run, const Path& into) {
  const Facts facts = facts_of(run, into);
  write_file(into / "README.md", front_matter(facts) + what_it_is(facts) + "## Results\n\n" + validation(facts) + results(facts) + use_and_limits(facts));
}

}  // namespace segue
