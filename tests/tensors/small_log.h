#pragma once

#include <vector>

#include "fusion/windows.h"
#include "core/options.h"
#include "support/scratch.h"
#include "tensors/made_decoder.h"
#include "training/configuration.h"

namespace segue {

/// A log of one part by listener: plays a minute apart, every tenth opens a session.
inline Log small_log(const std::vector<std::vector<int32_t>>& of_listeners, int64_t tracks) {
  Log log;
  log.tracks = tracks;
  log.first = {0};
  for (const auto& plays : of_listeners) {
    log.listeners.push_back("listener " + std::to_string(log.listeners.size()));
    for (size_t i = 0; i < plays.size(); ++i) {
      const auto start = 60'000 * static_cast<int64_t>(i + 1);
      log.track.push_back(plays[i]);
      log.start_ms.push_back(start);
      log.moment_ms.push_back(start + 30'000);
      log.opens.push_back(i % 10 == 0);
      log.part.push_back(Part::fit);
      log.completion.push_back(i % 3 == 0 ? 1.0F : 0.5F);
      log.completion_kind.push_back(i % 4 == 0 ? CompletionKind::unknown : CompletionKind::real);
    }
    log.first.push_back(log.plays());
  }
  log.in_catalogue.assign(static_cast<size_t>(tracks), 1);
  return log;
}

/// Where a made-up language model lies, for as long as the tests run.
inline const Path& language_folder() {
  static const Scratch scratch;
  static const bool written = (MadeDecoder().write_with_tokenizer(scratch.folder()), true);
  (void)written;
  return scratch.folder();
}

/// All backbones, and the other ways in which some can be put together.
inline std::vector<std::string> every_variant() {
  auto names = backbones().names();
  names.insert(names.end(), {"language_response", "language_recompute"});
  return names;
}

/// Settings of a small model, as on the command line.
inline Configuration small_configuration(const std::string& variant, std::vector<std::string> settings = {}) {
  const std::string backbone = variant.substr(0, variant.find('_'));
  std::vector<std::string> all{"backbone.name=" + backbone, "backbone.dropout=0", "items.width=16", "windows.length=12", "windows.batch=4",
                               "objective.negatives=16", "plays.followed_places=2"};
  if (backbone == "language") all.insert(all.end(), {"backbone.folder=" + language_folder().string(), "backbone.instruction=whatnext", "backbone.rank=4"});
  if (variant == "language_response") all.insert(all.end(), {"backbone.pool=response", "backbone.response=so"});
  if (variant == "language_recompute") all.emplace_back("backbone.recompute=true");
  all.insert(all.end(), settings.begin(), settings.end());
  return Configuration(read_config("", all));
}

inline std::vector<int32_t> every_row(int64_t tracks) {
  std::vector<int32_t> rows;
  for (int32_t j = 0; j < tracks; ++j) rows.push_back(j);
  return rows;
}

}  // namespace segue
