#include "annotation/annotate_wanted.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace segue {

using Json = nlohmann::ordered_json;

Path ledger_file(const Path& data) { return data / "annotation" / "ledger.sqlite"; }

AnswerKeys::AnswerKeys(const AskedOf& asked, const std::string& evidence) : front_(fmt::format("{}\n{}\n{}\n", asked.model, asked.plan.spelled(), evidence)) {}

std::string AnswerKeys::of(const Json& known, int64_t part, int64_t pass) const {
  return hash_text(fmt::format("{}{} {}\n{}", front_, part, pass, known.dump(-1, ' ', false, Json::error_handler_t::replace)));
}

std::vector<int32_t> tracks_by_plays(const Path& data, int32_t tracks) {
  const auto plays = plays_of_tracks(data, tracks);
  std::vector<int32_t> order(static_cast<size_t>(tracks));
  for (int32_t t = 0; t < tracks; ++t) order[static_cast<size_t>(t)] = t;
  if (!plays.empty()) {
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return plays[static_cast<size_t>(a)] > plays[static_cast<size_t>(b)]; });
  }
  return order;
}

Wanted::Wanted(const Path& data, const AnnotateOptions& options)
    : options_(options), tracks_(tracks_of(data)), evidence_(data, options.asked.evidence, tracks_), keys_(options.asked, evidence_.spelled()), ledger_(ledger_file(data)) {
  if (tracks_.size() == 0) throw Error("{}: no tracks here; first: segue import LOG --into {}", data.string(), data.string());
  order_ = tracks_by_plays(data, tracks_.size());
  if (options.limit > 0 && options.limit < std::ssize(order_)) order_.resize(static_cast<size_t>(options.limit));
  for (int64_t pass = 0; pass < options.asked.plan.passes; ++pass) {
    for (int64_t part = 0; part < options.asked.plan.parts(); ++part) kinds_.push_back({part, pass});
  }
}

bool Wanted::done(const std::string& key) const {
  const auto found = ledger_.find(key);
  return found && (found->whole || !options_.again);
}

std::vector<Wanted::Group> Wanted::groups(size_t begin, size_t end, const Kind& kind) const {
  std::vector<Group> out;
  for (size_t i = begin; i < end; ++i) {
    const nlohmann::ordered_json known = this->known(order_[i]);
    const std::string key = this->key(known, kind);
    if (done(key)) continue;
    if (out.empty() || std::ssize(out.back().tracks) == options_.asked.plan.together) out.emplace_back();
    out.back().tracks.push_back(order_[i]);
    out.back().known.push_back(known);
    out.back().keys.push_back(key);
  }
  return out;
}

const Question& Wanted::question(const Kind& kind, int64_t tracks) {
  const std::lock_guard lock(asked_);
  auto& made = questions_[{kind.part, kind.pass, tracks}];
  if (made == nullptr) made = std::make_unique<Question>(options_.asked.plan, kind.part, kind.pass, tracks);
  return *made;
}

}  // namespace segue
