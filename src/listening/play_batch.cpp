#include "listening/play_batch.h"

#include <cstring>
#include <stdexcept>

namespace segue {
namespace {

constexpr size_t most_plays = 4096;
constexpr size_t most_bytes = 4 << 20;  // of their texts; more than the longest row that any importer lets through

}  // namespace

PlayBatch::PlayBatch(PlaySink& sink) : sink_(sink), texts_(std::make_unique_for_overwrite<char[]>(most_bytes)) {
  plays_.reserve(most_plays);
}

void PlayBatch::add(RawPlay play) {
  size_t bytes = 0;
  std::string_view* texts[] = {&play.listener, &play.artist_id, &play.artist, &play.track_id, &play.title, &play.reason_end};
  for (const auto* text : texts) bytes += text->size();
  if (bytes > most_bytes) throw std::invalid_argument("PlayBatch::add: a row longer than a batch");
  if (plays_.size() == most_plays || bytes > most_bytes - used_) flush();
  for (auto* text : texts) *text = keep(*text);
  play.row = ++row_;
  plays_.push_back(play);
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
