#include "evaluation/json.h"

#include <nlohmann/json.hpp>

#include "core/console.h"
#include "core/error.h"

namespace segue {

nlohmann::ordered_json to_json(const Metrics& metrics) {
  auto out = nlohmann::ordered_json::object();
  for (const auto& [name, value] : metrics) out[name] = {{"mean", value.mean}, {"low", value.low}, {"high", value.high}};
  return out;
}

namespace {

using Json = nlohmann::ordered_json;

Json to_json(const ProtocolInfo& p) {
  Json out{{"name", valid_utf8(p.name)},
          {"data_hash", valid_utf8(p.data_hash)},
          {"split", valid_utf8(p.split)},
          {"part", valid_utf8(p.part)},
          {"candidates", valid_utf8(p.candidates)},
          {"ties", valid_utf8(p.ties)},
          {"repeats", valid_utf8(p.repeats)},
          {"seed", p.seed},
          {"cases", p.cases},
          {"out_of_catalogue", p.out_of_catalogue},
          {"listeners", p.listeners},
          {"intervals", valid_utf8(p.intervals)}};
  if (!p.seeds.empty()) out["seeds"] = p.seeds;
  return out;
}

Json to_json(const RankerResult& ranker) {
  Json slices = Json::object();
  for (const auto& [name, slice] : ranker.slices) {
    slices[name] = {{"cases", slice.cases}, {"listeners", slice.listeners}, {"metrics", to_json(slice.metrics)}};
  }
  return {{"name", valid_utf8(ranker.name)},
          {"cases", ranker.all.cases},
          {"listeners", ranker.all.listeners},
          {"metrics", to_json(ranker.all.metrics)},
          {"slices", slices},
          {"lists", ranker.lists},
          {"rank_histogram", ranker.rank_histogram},
          {"inside_chance", ranker.inside_chance},
          {"note", valid_utf8(ranker.note)},
          {"mixed", ranker.mixed},
          {"seconds", ranker.seconds}};
}

Json to_json(const PairResult& pair) {
  return {{"a", valid_utf8(pair.a)}, {"b", valid_utf8(pair.b)}, {"metric", pair.metric},
          {"difference", pair.difference}, {"low", pair.low}, {"high", pair.high},
          {"p", pair.p}, {"p_holm", pair.p_holm}};
}

template <class Value>
void read(const Json& from, const char* key, Value& into) {
  from.at(key).get_to(into);
}

ProtocolInfo protocol_from(const Json& json) {
  ProtocolInfo p;
  read(json, "name", p.name);
  read(json, "data_hash", p.data_hash);
  read(json, "split", p.split);
  read(json, "part", p.part);
  read(json, "candidates", p.candidates);
  read(json, "ties", p.ties);
  read(json, "repeats", p.repeats);
  read(json, "seed", p.seed);
  read(json, "cases", p.cases);
  read(json, "out_of_catalogue", p.out_of_catalogue);
  read(json, "listeners", p.listeners);
  read(json, "intervals", p.intervals);
  if (json.contains("seeds")) read(json, "seeds", p.seeds);
  return p;
}

Metrics metrics_from(const Json& json) {
  Metrics out;
  for (const auto& [name, value] : json.items()) {
    out[name] = {.mean = value.at("mean"), .low = value.at("low"), .high = value.at("high")};
  }
  return out;
}

SliceResult slice_from(const Json& json) {
  return {.cases = json.at("cases"), .listeners = json.at("listeners"), .metrics = metrics_from(json.at("metrics"))};
}

RankerResult ranker_from(const Json& json) {
  RankerResult out;
  read(json, "name", out.name);
  out.all = slice_from(json);
  for (const auto& [name, slice] : json.at("slices").items()) out.slices[name] = slice_from(slice);
  read(json, "lists", out.lists);
  read(json, "rank_histogram", out.rank_histogram);
  if (out.rank_histogram.size() != rank_bins().size() + 1) throw Error("its rank_histogram has other bins");
  read(json, "inside_chance", out.inside_chance);
  read(json, "note", out.note);
  read(json, "mixed", out.mixed);
  read(json, "seconds", out.seconds);
  return out;
}

PairResult pair_from(const Json& json) {
  PairResult out;
  read(json, "a", out.a);
  read(json, "b", out.b);
  read(json, "metric", out.metric);
  read(json, "difference", out.difference);
  read(json, "low", out.low);
  read(json, "high", out.high);
  read(json, "p", out.p);
  read(json, "p_holm", out.p_holm);
  return out;
}

/// Tables and figures look for these two.
void require_headlines(const Metrics& metrics) {
  for (const std::string name : {"ndcg@10", "recall@10"}) {
    if (!metrics.contains(name)) throw Error("a table without {}", name);
  }
}

void require_headlines(const Evaluation& evaluation) {
  require_headlines(evaluation.chance);
  for (const auto& ranker : evaluation.rankers) {
    require_headlines(ranker.all.metrics);
    for (const auto& [name, slice] : ranker.slices) {
      if (slice.cases > 0) require_headlines(slice.metrics);
    }
  }
}

Evaluation evaluation_from(const Json& json) {
  Evaluation out;
  out.protocol = protocol_from(json.at("protocol"));
  for (const auto& [name, mean] : json.at("chance").items()) {
    const auto& interval = json.at("chance_interval").at(name);
    out.chance[name] = {.mean = mean, .low = interval.at("low"), .high = interval.at("high")};
  }
  for (const auto& ranker : json.at("rankers")) out.rankers.push_back(ranker_from(ranker));
  for (const auto& pair : json.at("pairs")) out.pairs.push_back(pair_from(pair));
  require_headlines(out);
  return out;
}

}  // namespace

nlohmann::ordered_json evaluation_json(const Evaluation& evaluation) {
  Json chance = Json::object(), interval = Json::object(), rankers = Json::array(), pairs = Json::array();
  for (const auto& [name, value] : evaluation.chance) {
    chance[name] = value.mean;
    interval[name] = {{"low", value.low}, {"high", value.high}};
  }
  for (const auto& ranker : evaluation.rankers) rankers.push_back(to_json(ranker));
  for (const auto& pair : evaluation.pairs) pairs.push_back(to_json(pair));
  return {{"protocol", to_json(evaluation.protocol)},
          {"chance", chance},
          {"chance_interval", interval},
          {"rank_bins", rank_bins()},
          {"rankers", rankers},
          {"pairs", pairs}};
}

Evaluation evaluation_from_json(std::string_view text, const std::string& where) {
  try {
    return evaluation_from(Json::parse(text));
  } catch (const std::exception& wrong) {
    throw Error("{}: not the result of an evaluation: {}; write it again with segue evaluate --json", where, wrong.what());
  }
}

}  // namespace segue
