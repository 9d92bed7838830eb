// Whatever bytes a log holds: an importer reads to the end or throws Error; every row is a play or a refusal, once, with
// a number in order and a time on the calendar; and none of it depends on where blocks end.

#include <cstdint>
#include <cstdlib>
#include <stdexcept>

#include "core/time_text.h"
#include "support/kept_rows.h"

namespace {

using segue::KeptRows;

void expect(bool holds) {
  if (!holds) std::abort();
}

std::map<std::string, std::string> files_of(std::string text) {
  std::map<std::string, std::string> files;
  // What follows a form feed is a second file: recbole's table of items, for others more of the log.
  const size_t cut = text.find('\f');
  if (cut != std::string::npos) {
    files["log 2" + std::string(std::string_view(SEGUE_FORMAT) == "recbole" ? ".item" : ".inter")] = text.substr(cut + 1);
    text.resize(cut);
  }
  files["log 2.inter"] = std::move(text);
  return files;
}

void check(const KeptRows& rows) {
  const int64_t count = static_cast<int64_t>(rows.kept.size() + rows.refused.size());
  int64_t before = 0;
  for (const auto& play : rows.kept) {
    expect(play.row > before && play.row <= count && !rows.refused.contains(play.row));
    expect(play.start_ms >= segue::earliest_second * 1000 && play.start_ms < (segue::latest_second + 1) * 1000);
    expect(!play.played_ms || *play.played_ms >= 0);
    expect(!play.length_ms || *play.length_ms > 0);
    before = play.row;
  }
  for (const auto& [row, why] : rows.refused) expect(row >= 1 && row <= count && !why.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const size_t block = 1 + data[0] % 32;
  const segue::Importer::Options options{.time_zone = data[0] & 32 ? "Europe/Berlin" : "UTC"};
  const auto files = files_of({reinterpret_cast<const char*>(data) + 1, size - 1});
  const KeptRows whole = segue::read_rows(SEGUE_FORMAT, files, 1 << 20, options);
  check(whole);
  const KeptRows in_blocks = segue::read_rows(SEGUE_FORMAT, files, block, options);
  expect(whole.kept == in_blocks.kept && whole.refused == in_blocks.refused && whole.error == in_blocks.error);
  for (const auto& [name, text] : files) segue::importers().at(SEGUE_FORMAT)({})->recognises(name, text);
  return 0;
}
