#include "listening/play_batch.h"

#include <algorithm>
#include <cstring>

namespace segue {
namespace {

constexpr size_t most_plays = 4096;
constexpr size_t least_bytes = 1 << 14, most_bytes = 1 << 22;  // of a batch's texts, unless one row has more

}  // namespace

PlayBatch::PlayBatch(PlaySink& sink) : sink_(sink) {}

void PlayBatch::add(RawPlay play) {
  size_t bytes = 0;
  std::string_view* texts[] = {&play.listener, &play.artist_id, &play.artist, &play.track_id, &play.title, &play.reason_end};
  for (const auto* text : texts) bytes += text->size();
  if (plays_.size() == most_plays) flush();
  if (bytes > room_ - used_) make_room(bytes);
  for (auto* text : texts) *text = keep(*text);
  play.row = ++row_;
  plays_.push_back(play);
}

void PlayBatch::make_room(size_t bytes) {
  flush();
  if (room_ >= most_bytes && bytes <= room_) return;
  room_ = std::max({least_bytes, std::min(2 * room_, most_bytes), bytes});
  texts_ = std::make_unique_for_overwrite<char[]>(room_);
}

void PlayBatch::refuse(std::string_view why, std::string_view example) { sink_.refuse(why, ++row_, example); }

void PlayBatch::flush() {
  used_ = 0;
  if (plays_.empty()) return;
  std::vector<RawPlay> plays;  // a sink that throws is not asked again for the same rows
  plays.swap(plays_);
  sink_.plays(plays);
  plays.clear();
  plays_.swap(plays);
}

std::string_view PlayBatch::keep(std::string_view text) {
  if (text.empty()) return {};
  char* place = texts_.get() + used_;
  std::memcpy(place, text.data(), text.size());
  used_ += text.size();
  return {place, text.size()};
}

}  // namespace segue
