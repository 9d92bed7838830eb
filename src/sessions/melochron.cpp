#include "sessions/melochron.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "core/python_random.h"
#include "core/random.h"
#include "sessions/lay_out.h"
#include "sessions/preparation.h"
#include "sessions/quantile.h"

namespace segue {
namespace {

/// `most` of the values, drawn without replacement, in their order.
template <class T>
std::vector<T> draw(std::vector<T> values, int64_t most, Random random) {
  const auto n = static_cast<int64_t>(values.size());
  for (int64_t i = 0; i < std::min(most, n - 1); ++i) {
    std::swap(values[static_cast<size_t>(i)], values[static_cast<size_t>(i) + random.below(static_cast<uint64_t>(n - i))]);
  }
  values.resize(static_cast<size_t>(std::min(most, n)));
  std::sort(values.begin(), values.end());
  return values;
}

class Melochron : Preparation {
 public:
  using Preparation::Preparation;

  Prepared run(Json first_step) {
    first_step.update(count());
    first_step["duplicate"] = std::count(raw_.duplicate.begin(), raw_.duplicate.end(), 1);
    step("M1_read") = first_step;
    raw_.filter([&](size_t, size_t i) {
      return raw_.played_ms.empty() || raw_.played_ms[i] < 0 || raw_.played_ms[i] >= 1000 * rules_.min_played_s;
    });
    step("M2_plays") = count();
    if (raw_.plays() == 0) throw Error("protocol '{}' leaves no play; a smaller sessions.min_played_s would", out_.protocol.name);
    cut();
    const auto plays = plays_of_keys();
    keep_listeners();
    lay_out_log(plays);
    ask(Part::val, out_.val);
    ask(Part::test, out_.test);
    return std::move(out_);
  }

 private:
  /// Whole seconds, as the published times are.
  static int64_t quantile_s(const std::vector<int64_t>& seconds, double q) {
    return static_cast<int64_t>(std::floor(linear_quantile(seconds, q)));
  }

  void cut() {  // M3
    std::vector<int64_t> seconds;
    for (const int64_t t : raw_.time_ms) seconds.push_back(floor_seconds(t));
    test_s_ = quantile_s(seconds, split_.test_at);
    draw_cold_listeners();
    std::vector<int64_t> train;
    for (size_t u = 0; u < users(); ++u) {
      for (size_t i = begin(u); i < end(u); ++i) {
        if (!cold_[u] && seconds[i] < test_s_) train.push_back(seconds[i]);
      }
    }
    if (train.empty()) throw Error("protocol '{}': nobody who is in train has a play before {}", out_.protocol.name, iso(1000 * test_s_));
    val_s_ = quantile_s(train, split_.val_at);
    step("M3_split") = describe(Cutoffs{1000 * val_s_, 1000 * test_s_});
    std::vector<std::string> names;
    for (size_t u = 0; u < users(); ++u) {
      if (cold_[u]) names.push_back(raw_.listeners[u]);
    }
    step("M3_split")["cold_listeners"] = names;
  }

  void draw_cold_listeners() {
    std::vector<size_t> all;
    for (size_t u = 0; u < users(); ++u) {
      if (end(u) > begin(u)) all.push_back(u);
    }
    const int64_t wanted = python_round(static_cast<double>(all.size()) * split_.cold_listeners);
    if (wanted >= std::ssize(all)) {
      throw Error("protocol '{}': split.cold_listeners {} of {} listener(s) leaves nobody to learn from", out_.protocol.name,
                  split_.cold_listeners, all.size());
    }
    cold_.assign(users(), 0);
    for (const size_t u : draw(all, wanted, Random(split_.seed))) cold_[u] = 1;
  }

  Part part_of(size_t u, size_t i) const {
    const int64_t second = floor_seconds(raw_.time_ms[i]);
    if (second >= test_s_) return Part::test;
    return cold_[u] || second >= val_s_ ? Part::val : Part::fit;
  }

  void keep_listeners() {  // M5
    std::vector<uint8_t> stays(users());
    for (size_t u = 0; u < users(); ++u) stays[u] = static_cast<int64_t>(end(u) - begin(u)) >= rules_.min_user;
    raw_.filter([&](size_t u, size_t) { return stays[u]; });
    for (size_t u = 0; u < users(); ++u) {
      if (end(u) > begin(u)) is_cold_.push_back(cold_[u]);
    }
  }

  void lay_out_log(const std::vector<int64_t>& plays) {  // M4, M6
    std::vector<Part> part;
    for (size_t u = 0; u < users(); ++u) {
      for (size_t i = begin(u); i < end(u); ++i) part.push_back(part_of(u, i));
    }
    const auto session = number_sessions(raw_, rules_.gap_s);
    const auto kept = lay_out(out_, raw_, keys_, session, part);
    auto& in_catalogue = out_.log.in_catalogue;
    for (size_t t = 0; t < kept.size(); ++t) in_catalogue[t] = plays[static_cast<size_t>(kept[t])] >= rules_.min_track;
    cut_gate(out_.log, false);
    step("M4_catalogue") = {{"tracks", std::count(in_catalogue.begin(), in_catalogue.end(), 1)}};
    step("M5_listeners") = count();
    step("M6_sessions") = count(session);
    for (const auto& [name, which] : {std::pair{"train", Part::fit}, {"val", Part::val}, {"test", Part::test}}) {
      step("M6_sessions")[name] = std::count_if(out_.log.part.begin(), out_.log.part.end(), [&](Part p) {
        return p == which || (which == Part::fit && p == Part::gate);
      });
    }
  }

  void ask(Part part, std::vector<Case>& cases) {  // M7
    const Log& log = out_.log;
    int64_t eligible = 0, cold = 0;
    for (size_t u = 0; u < log.listeners.size(); ++u) {
      if (part == Part::val && is_cold_[u]) continue;
      std::vector<int64_t> targets;
      for (int64_t i = log.first[u] + 1; i < log.first[u + 1]; ++i) {
        if (log.part[static_cast<size_t>(i)] == part) targets.push_back(i);
      }
      eligible += std::ssize(targets);
      const uint64_t stream = 2 * u + (part == Part::test ? 2 : 1);  // 0 drew the cold listeners
      for (const int64_t target : draw(std::move(targets), split_.cases, Random(split_.seed, stream))) {
        const int64_t known = split_.history == 0 ? 0 : std::max(log.first[u], target - split_.history);
        cases.push_back({static_cast<int32_t>(u), target, target, known});
        cold += is_cold_[u];
      }
    }
    step("M7_cases")[part == Part::val ? "val" : "test"] = {{"eligible", eligible}, {"asked", cases.size()}, {"of_cold_listeners", cold}};
  }

  int64_t test_s_ = 0, val_s_ = 0;
  std::vector<uint8_t> cold_;     // [U] of raw_
  std::vector<uint8_t> is_cold_;  // [U] of the log
};

}  // namespace

Prepared prepare_melochron(RawLog raw, const TrackKeys& keys, const Protocol& protocol, nlohmann::ordered_json first_step) {
  return Melochron(std::move(raw), keys, protocol).run(std::move(first_step));
}

}  // namespace segue
