#include "fusion/windows.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <unordered_map>

#include "core/parallel.h"

namespace segue {
namespace {

/// Columns of a batch while it is filled, row after row.
struct Columns {
  Columns(int64_t rows, int64_t length, int64_t places)
      : rows_(rows), length_(length), places_(places), n_(static_cast<size_t>(rows * length)), track(n_), kind(n_), slot(n_),
        followed(n_ * static_cast<size_t>(places), -1), gap_s(n_), completion(n_), played(n_), hidden(n_), opens(n_) {}

  Tensor whole(std::vector<int64_t>& values) const { return tensor_of(values, {rows_, length_}); }
  Tensor number(std::vector<float>& values) const { return tensor_of(values, {rows_, length_}); }
  Tensor flag(std::vector<uint8_t>& values) const {
    return at::from_blob(values.data(), {rows_, length_}, at::TensorOptions(at::kByte)).to(at::kBool);
  }

  Batch batch() {
    Batch made;
    made.track = whole(track);
    made.played = flag(played);
    if (std::find(hidden.begin(), hidden.end(), 1) != hidden.end()) made.hidden = flag(hidden);
    made.new_session = flag(opens);
    made.gap_s = number(gap_s);
    made.completion = number(completion);
    made.completion_kind = whole(kind);
    made.followed = tensor_of(followed, {rows_, length_, places_});
    made.slot = whole(slot);
    return made;
  }

 private:
  int64_t rows_, length_, places_;
  size_t n_;

 public:
  std::vector<int64_t> track, kind, slot, followed;
  std::vector<float> gap_s, completion;
  std::vector<uint8_t> played, hidden, opens;
};

bool hides(const Window& window, int64_t play) {
  return !window.hidden.empty() && play >= window.begin && play < window.end && window.hidden[static_cast<size_t>(play - window.begin)] != 0;
}

float gap_after(const Log& log, const Window& window, int64_t play) {
  const auto i = static_cast<size_t>(play);
  const int64_t asked = play + 1 < window.end ? std::max(log.start_ms[i + 1], log.moment_ms[i]) : window.asked_ms;
  return static_cast<float>(static_cast<double>(std::max<int64_t>(0, asked - log.moment_ms[i])) / 1000.0);
}

/// What followed the track of a play before. Hidden plays and what is not known yet are passed over as if they were not
/// there.
void fill_followed(const PlayTable& table, const Window& window, int64_t play, int64_t* out, StepTracks& tracks) {
  if (table.places() == 0 || play < window.begin || hides(window, play)) return;
  int64_t found = 0;
  for (int64_t place = table.same_before(play); place >= window.known_from && found < table.places(); place = table.same_before(place)) {
    if (!hides(window, place) && !hides(window, place + 1)) out[found++] = tracks.place_of(table.log().track[static_cast<size_t>(place + 1)]);
  }
}

}  // namespace

PlayTable::PlayTable(const Log& log, int64_t places) : log_(log), places_(places) {
  if (places == 0) return;
  before_.assign(static_cast<size_t>(log.plays()), -1);
  parallel_for(static_cast<int64_t>(log.first.size()) - 1, [&](int64_t u) {
    std::unordered_map<int32_t, int64_t> last;  // play of the track
    for (int64_t i = log.first[static_cast<size_t>(u)]; i < log.first[static_cast<size_t>(u) + 1]; ++i) {
      const auto [at, is_new] = last.try_emplace(log.track[static_cast<size_t>(i)], i);
      if (!is_new) before_[static_cast<size_t>(i)] = at->second;
      at->second = i;
    }
  });
}

Window PlayTable::window(int64_t begin, int64_t end, int64_t known_from) const {
  const auto next = static_cast<size_t>(end);
  const bool goes_on = next < log_.track.size() && std::binary_search(log_.first.begin(), log_.first.end(), end) == false;
  const int64_t moment = log_.moment_ms[next - 1];
  return {begin, end, known_from, goes_on ? std::max(log_.start_ms[next], moment) : moment};
}

void StepTracks::clear() {
  tracks_.clear();
  places_.clear();
}

int64_t StepTracks::place_of(int32_t track) {
  const auto j = static_cast<size_t>(track);
  if (!places_.has(j)) {
    places_.set(j, static_cast<uint32_t>(tracks_.size()));
    tracks_.push_back(track);
  }
  return places_[j];
}

Batch make_batch(const PlayTable& table, std::span<const Window> windows, int64_t length, StepTracks& tracks) {
  const Log& log = table.log();
  int64_t longest = 1;
  for (const auto& window : windows) longest = std::max(longest, window.length());
  TORCH_CHECK(longest <= length, "make_batch: a window of ", longest, " plays, but ", length, " is the most");
  Columns columns(static_cast<int64_t>(windows.size()), longest, table.places());
  for (size_t b = 0; b < windows.size(); ++b) {
    const Window& window = windows[b];
    for (int64_t t = 0; t < window.length(); ++t) {
      const int64_t play = window.begin + t;
      const auto i = static_cast<size_t>(play);
      const auto at = b * static_cast<size_t>(longest) + static_cast<size_t>(t);
      columns.played[at] = 1;
      columns.slot[at] = t;
      columns.hidden[at] = play == window.end || hides(window, play);
      // A hidden play tells what followed the play before it, of which a causal model hears at that play.
      fill_followed(table, window, play - columns.hidden[at], columns.followed.data() + at * static_cast<size_t>(table.places()), tracks);
      if (columns.hidden[at] != 0) continue;
      columns.track[at] = tracks.place_of(log.track[i]);
      columns.opens[at] = log.opens[i];
      columns.gap_s[at] = gap_after(log, window, play);
      columns.completion[at] = log.completion[i];
      columns.kind[at] = static_cast<int64_t>(log.completion_kind[i]);
    }
  }
  if (tracks.tracks().empty()) tracks.place_of(0);  // nothing but hidden plays: padding still has to point somewhere
  Batch batch = columns.batch();
  if (table.teller()) {
    for (const Window& window : windows) batch.words.push_back(table.teller()(log, window));
  }
  return batch;
}

Batch to(const Batch& batch, at::Device device) {
  if (device.is_cpu()) return batch;
  Batch moved = batch;
  for (Tensor* one : {&moved.track, &moved.played, &moved.hidden, &moved.new_session, &moved.gap_s, &moved.completion,
                      &moved.completion_kind, &moved.followed, &moved.slot}) {
    if (one->defined()) *one = one->to(device);
  }
  return moved;
}

}  // namespace segue
