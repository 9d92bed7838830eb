#include "training/run_signal.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <numeric>

#include "core/tensor_files.h"
#include "signals/signal_work.h"
#include "signals/track_index.h"
#include "training/run_tracks.h"

namespace segue {

TableReport signal_of_run(const Path& data, const std::string& name, const Path& run) {
  for (const char* file : {"tracks.parquet", "model.safetensors"}) {
    if (!std::filesystem::exists(run / file)) throw Error("{}: no run that was trained (it has no {})", run.string(), file);
  }
  const auto weights = read_tensors(run / "model.safetensors");
  const auto ids = weights.find("items.ids");
  if (ids == weights.end() || ids->second.dim() != 2) throw Error("{}: has no table of ids", (run / "model.safetensors").string());
  if (weights.contains("items.fusion.length")) throw Error("{}: its ids are what is left when content was heard; a run without items.signals is wanted", run.string());
  const Tracks tracks = tracks_of(data);
  std::vector<int32_t> number(tracks.artist.size());
  std::iota(number.begin(), number.end(), 0);
  TableReport report;
  const auto row = read_rows(run / "tracks.parquet", number, tracks.artist, tracks.title, report.rows);
  const auto numbers = floats_of(ids->second);
  const int64_t width = ids->second.size(1);
  report.about = {name, "ids", fmt::format("ids of a run [{}]; weights {:016x}", width, XXH3_64bits(numbers.data(), numbers.size() * sizeof(float))), width};
  SignalRows rows(report.about);
  for (size_t t = 0; t < row.size(); ++t) {
    if (row[t] < 0) continue;
    rows.set(static_cast<int32_t>(t), Known::vector, 0, std::span(numbers).subspan(static_cast<size_t>(row[t] * width), static_cast<size_t>(width)));
  }
  report.tied = report.tracks = static_cast<int64_t>(rows.size());
  save_vectors(make_signal_folder(data, report.about), rows.signal());
  return report;
}

}  // namespace segue
