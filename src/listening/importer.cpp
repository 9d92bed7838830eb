#include "listening/importer.h"

#include <algorithm>

#include "core/error.h"
#include "listening/lastfm_1k.h"
#include "listening/lastfm_csv.h"
#include "listening/listenbrainz.h"
#include "listening/recbole.h"
#include "listening/spotify_account.h"
#include "listening/spotify_extended.h"

namespace segue {
namespace {

/// The first few of the files, for a person to see what there is.
std::string some_of(const std::vector<std::string>& files) {
  constexpr size_t shown = 8;
  const auto end = files.begin() + static_cast<std::ptrdiff_t>(std::min(shown, files.size()));
  const auto text = fmt::format("{}", fmt::join(files.begin(), end, ", "));
  return files.size() > shown ? fmt::format("{} and {} more", text, files.size() - shown) : text;
}

std::vector<Recognised> sorted_by_format(const Source& source, const std::string& format) {
  std::vector<std::pair<Recognised, std::unique_ptr<Importer>>> known;
  for (const auto& [name, make] : importers()) {
    if (format.empty() || name == format) known.emplace_back(Recognised{name, {}}, make({}));
  }
  for (const auto& file : source.files()) {
    const std::string head = source.head(file);
    for (auto& [found, importer] : known) {
      if (!importer->recognises(file, head)) continue;
      found.files.push_back(file);
      break;
    }
  }
  std::vector<Recognised> found;
  for (auto& [one, importer] : known) {
    if (!one.files.empty()) found.push_back(std::move(one));
  }
  return found;
}

/// What keeps the files from being recognised whatever they hold; empty if nothing does.
std::string unreadable(const Source& source) {
  for (const auto& file : source.files()) {
    std::string head;
    try {
      const auto stream = source.read(file);
      for (auto block = stream->next(); !block.empty() && head.size() < size_t{1} << 16; block = stream->next()) {
        head.append(block.data(), block.size());
      }
    } catch (const Error& broken) {
      return broken.what();
    }
    if (head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff")) {
      return fmt::format("{}: is text in UTF-16; save it as UTF-8", source.place_of(file));
    }
  }
  return {};
}

[[noreturn]] void refuse(const Source& source, const std::string& format) {
  if (const auto why = unreadable(source); !why.empty()) throw Error("{}", why);
  const auto wanted = format.empty() ? fmt::format("{}", fmt::join(importers().names(), ", ")) : format;
  const bool may_be = format.empty() && source.files().size() == 1;
  throw Error("{}: no file here is a log of a known format ({}); found: {}{}", source.path().string(), wanted,
              some_of(source.files()), may_be ? "; if it is one of these, --format NAME says what it lacks" : "");
}

}  // namespace

const Registry<MakeImporter>& importers() {
  static const Registry<MakeImporter> table{
      "log format",
      {
          {"lastfm-1k", make_lastfm_1k},
          {"lastfm-csv", make_lastfm_csv},
          {"listenbrainz", make_listenbrainz},
          {"recbole", make_recbole},
          {"spotify-account", make_spotify_account},
          {"spotify-extended", make_spotify_extended},
      },
  };
  return table;
}

Recognised recognise(const Source& source, const std::string& format) {
  if (!format.empty()) importers().at(format);
  auto found = sorted_by_format(source, format);
  const bool named = !format.empty() && source.files().size() == 1;
  if (found.empty() && named) return {format, source.files()};  // its first rows may be spoilt
  if (found.empty()) refuse(source, format);
  if (found.size() > 1) {
    std::vector<std::string> parts;
    for (const auto& one : found) parts.push_back(fmt::format("{} ({})", one.format, some_of(one.files)));
    throw Error("{}: logs of several formats lie side by side: {}; name one with --format", source.path().string(),
                fmt::join(parts, "; "));
  }
  return std::move(found.front());
}

}  // namespace segue
