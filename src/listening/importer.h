#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/registry.h"
#include "core/source.h"
#include "listening/play.h"

namespace segue {

/// In which order a log lists plays of one listener: settles which of two plays with one time came first.
enum class LogOrder { oldest_first, newest_first };

/// Reads logs of one format. A new format is one pair of files and one row in importers().
class Importer {
 public:
  struct Options {
    std::string time_zone = "UTC";  // IANA name, for times that name no zone
  };
  virtual ~Importer() = default;

  /// True if a file of this name with these first bytes (up to 64 KiB, unpacked) holds plays in this format. Decided by
  /// the content; the name helps only where the content is the same.
  virtual bool recognises(const std::string& file, const std::string& head) const = 0;

  /// Reads `files` of the source, in the format's own order. A row it can't use goes to sink.refuse and reading goes
  /// on; a file that breaks off throws Error after what came before has been handed over.
  virtual void read(const Source& source, const std::vector<std::string>& files, PlaySink& sink) = 0;

  virtual LogOrder order() const { return LogOrder::oldest_first; }
  /// What to call the listener where no row names one: a user's name found in the source, else empty.
  virtual std::string listener(const Source&) const { return {}; }
};

using MakeImporter = std::unique_ptr<Importer> (*)(const Importer::Options&);
const Registry<MakeImporter>& importers();

/// The files of a source that are in one known format, and that format.
struct Recognised {
  std::string format;
  std::vector<std::string> files;
};

/// format: a name of importers(), or empty to look. Throws Error that lists what was found if nothing is recognised,
/// or if files of several formats lie side by side.
Recognised recognise(const Source& source, const std::string& format);

}  // namespace segue
