#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.h"
#include "experiments/release_parts.h"
#include "sessions/prepared.h"

namespace segue {
namespace {

namespace fs = std::filesystem;

bool same(const Texts& a, const Texts& b) { return a.offsets() == b.offsets() && a.bytes() == b.bytes(); }

bool same(const std::vector<Case>& a, const std::vector<Case>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Case& x, const Case& y) {
    return x.listener == y.listener && x.target == y.target && x.history_end == y.history_end && x.history_begin == y.history_begin;
  });
}

/// What two preparations of the same plays differ in; null where in nothing but what listeners, and if so tracks, are called.
const char* difference(const Prepared& a, const Prepared& b, bool names) {
  if (a.log.first != b.log.first || a.log.track != b.log.track) return "plays";
  if (a.log.start_ms != b.log.start_ms || a.log.moment_ms != b.log.moment_ms) return "times";
  if (a.session != b.session || a.log.opens != b.log.opens) return "sessions";
  if (a.log.part != b.log.part) return "parts";
  if (a.log.completion != b.log.completion || a.log.completion_kind != b.log.completion_kind) return "completion";
  if (a.data_track != b.data_track || a.log.in_catalogue != b.log.in_catalogue || (names && !same(a.key, b.key))) return "tracks";
  if (!same(a.val, b.val) || !same(a.test, b.test)) return "cases";
  if (a.val_candidates != b.val_candidates || a.test_candidates != b.test_candidates) return "candidates";
  if (a.val_relevant != b.val_relevant || a.test_relevant != b.test_relevant) return "right tracks";
  return nullptr;
}

std::vector<std::string> prepared_names(const Path& data) {
  std::vector<std::string> names;
  if (!fs::is_directory(data / "protocols")) return names;
  for (const auto& entry : fs::directory_iterator(data / "protocols")) {
    if (fs::exists(entry.path() / "protocol.json")) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Whether it was prepared with hashes of the rows (--no-hash leaves them out).
bool has_hashes(const Prepared& prepared) { return prepared.steps.dump().find("\"sha256\"") != std::string::npos; }

void release_protocol(const Path& data, const Path& stage, const std::string& name, Release& release) {
  const Prepared stored = load_prepared(data, name);
  const Prepared again = prepare(stage, stored.protocol, has_hashes(stored));
  const bool names = !release.options.without_names;
  if (const char* what = difference(stored, again, names)) {
    if (!names) {
      throw Error("{}: without names the {} of protocol '{}' would not be the same; release it with names, or other protocols", data.string(),
                  what, name);
    }
    throw Error("{}: the {} of protocol '{}' are not those that its plays give today; again: segue prepare {} --protocol {}", data.string(), what, name,
                data.string(), name);
  }
  save(again, stage);
  fs::remove(stage / "protocols" / name / ".lock");
  release.protocols.push_back({name, summary(again)});
}

}  // namespace

void release_protocols(const Path& data, const Path& stage, Release& release) {
  const auto known = prepared_names(data);
  auto wanted = release.options.protocols.empty() ? known : release.options.protocols;
  if (wanted == std::vector<std::string>{"none"}) wanted.clear();
  for (const auto& name : wanted) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw Error("{}: not prepared under '{}'; {}", data.string(), name,
                  known.empty() ? "nothing is prepared here: --protocol none releases the log alone" : fmt::format("known: {}", fmt::join(known, ", ")));
    }
  }
  for (const auto& name : known) {
    if (std::find(wanted.begin(), wanted.end(), name) != wanted.end()) release_protocol(data, stage, name, release);
  }
}

}  // namespace segue
