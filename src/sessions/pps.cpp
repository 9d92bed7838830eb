#include "sessions/pps.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "core/numpy_random.h"
#include "sessions/lay_out.h"
#include "sessions/preparation.h"
#include "sessions/quantile.h"

namespace segue {
namespace {

class Pps : Preparation {
 public:
  using Preparation::Preparation;

  Prepared run(Json first_step) {
    first_step.update(count());
    step("D1_read") = first_step;
    keep_tracks_with_id(raw_, keys_, out_.protocol);
    step("D1_with_id") = count();
    draw_tracks();
    cut();
    keep_listeners();
    lay_out_log();
    ask(Part::val, out_.val, out_.val_relevant);
    ask(Part::test, out_.test, out_.test_relevant);
    return std::move(out_);
  }

 private:
  Part part_of(int64_t time_ms) const { return time_ms >= cut_.test ? Part::test : time_ms >= cut_.val ? Part::val : Part::fit; }

  void draw_tracks() {  // D2
    const auto plays = plays_of_keys();
    std::vector<size_t> order;
    for (size_t k = 0; k < plays.size(); ++k) {
      if (plays[k] > 0) order.push_back(k);
    }
    if (std::ssize(order) < rules_.tracks) {
      throw Error("protocol '{}' draws {} tracks, but only {} of this log have an id; set sessions.tracks", out_.protocol.name,
                  rules_.tracks, order.size());
    }
    // Python's Counter.most_common(): most plays first, then by first appearance, as keys are numbered.
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return plays[a] > plays[b]; });
    std::vector<double> chance;
    for (const size_t k : order) chance.push_back(static_cast<double>(plays[k]) / static_cast<double>(raw_.plays()));
    std::vector<uint8_t> drawn(plays.size());
    for (const int64_t i : numpy_choice(split_.seed, std::move(chance), rules_.tracks)) drawn[order[static_cast<size_t>(i)]] = 1;
    raw_.filter([&](size_t, size_t i) { return drawn[key(i)] != 0; });
    step("D2_drawn") = count();
  }

  void cut() {  // D3
    const auto at = [](std::vector<int64_t> times, double share) {
      const auto place = times.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(times.size()) * share);
      std::nth_element(times.begin(), place, times.end());
      return *place;
    };
    cut_.test = at(raw_.time_ms, split_.test_at);
    std::vector<int64_t> before;
    std::copy_if(raw_.time_ms.begin(), raw_.time_ms.end(), std::back_inserter(before), [&](int64_t t) { return t < cut_.test; });
    if (before.empty()) throw Error("protocol '{}': no play before {}, where test begins", out_.protocol.name, iso(cut_.test));
    cut_.val = at(std::move(before), split_.val_at);
    step("D3_cutoffs") = describe(cut_);
  }

  void keep_listeners() {  // D4
    std::vector<uint8_t> stays(users());
    for (size_t u = 0; u < users(); ++u) {
      const auto from = raw_.time_ms.begin() + raw_.first[u], to = raw_.time_ms.begin() + raw_.first[u + 1];
      const auto train = std::count_if(from, to, [&](int64_t t) { return part_of(t) == Part::fit; });
      stays[u] = train >= rules_.min_user && from != to && part_of(*(to - 1)) == Part::test;
    }
    raw_.filter([&](size_t u, size_t) { return stays[u] != 0; });
    step("D4_listeners") = count();
    if (raw_.plays() == 0) {
      throw Error("protocol '{}': no listener has {} plays before {} and one from {} on; use --protocol segue-own", out_.protocol.name,
                  rules_.min_user, iso(cut_.val), iso(cut_.test));
    }
  }

  void lay_out_log() {  // D5
    std::vector<Part> part;
    for (const int64_t time_ms : raw_.time_ms) part.push_back(part_of(time_ms));
    lay_out(out_, raw_, keys_, number_sessions(raw_, rules_.gap_s), part);
    Log& log = out_.log;
    for (size_t i = 0; i < part.size(); ++i) {
      if (part[i] != Part::test) log.in_catalogue[static_cast<size_t>(log.track[i])] = 1;
    }
    cut_gate(log, false);
    step("D5_ranked") = {{"tracks", std::count(log.in_catalogue.begin(), log.in_catalogue.end(), 1)}};
  }

  void ask(Part part, std::vector<Case>& cases, std::vector<std::vector<int32_t>>& relevant) {  // D6
    const Log& log = out_.log;
    int64_t right = 0, ranked = 0;
    for (size_t u = 0; u < log.listeners.size(); ++u) {
      const auto from = log.part.begin() + log.first[u], to = log.part.begin() + log.first[u + 1];
      const auto [first, last] = std::equal_range(from, to, part);
      if (first == last) continue;
      const int64_t target = first - log.part.begin();
      cases.push_back({static_cast<int32_t>(u), target, target});
      std::vector<int32_t> tracks(log.track.begin() + target, log.track.begin() + (last - log.part.begin()));
      std::sort(tracks.begin(), tracks.end());
      tracks.erase(std::unique(tracks.begin(), tracks.end()), tracks.end());
      right += std::ssize(tracks);
      ranked += std::count_if(tracks.begin(), tracks.end(), [&](int32_t t) { return log.in_catalogue[static_cast<size_t>(t)] != 0; });
      relevant.push_back(std::move(tracks));
    }
    step("D6_cases")[part == Part::val ? "val" : "test"] = {{"asked", cases.size()}, {"right", right}, {"right_and_ranked", ranked}};
  }

  Cutoffs cut_;
};

}  // namespace

Prepared prepare_pps(RawLog raw, const TrackKeys& keys, const Protocol& protocol, nlohmann::ordered_json first_step) {
  return Pps(std::move(raw), keys, protocol).run(std::move(first_step));
}

}  // namespace segue
