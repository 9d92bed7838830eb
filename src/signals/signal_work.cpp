#include "signals/signal_work.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "core/error.h"

namespace segue {

namespace fs = std::filesystem;

namespace {

/// The folder of a signal that is there. Throws Error where it is another one.
Path checked(const Path& data, const SignalAbout& about) {
  const Path folder = signal_folder(data, about.name);
  const SignalAbout there = load_about(data, about.name);
  if (there.space_id() == about.space_id()) return folder;
  throw Error("{}: its vectors are of another space: {} of {} numbers from {}, not {} of {} from {}; give the new ones another name (--signal), or delete that folder",
              folder.string(), there.space, there.width, there.made_from, about.space, about.width, about.made_from);
}

}  // namespace

Path make_signal_folder(const Path& data, const SignalAbout& about) {
  const Path folder = signal_folder(data, about.name);
  if (fs::exists(folder / "signal.json")) return checked(data, about);
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) throw Error("{}: can't be made: {}", folder.string(), failed.message());
  write_about(folder, about);
  return checked(data, about);
}

SignalWork::SignalWork(const Path& data, SignalAbout about, std::vector<WantedTrack> wanted, Options options)
    : folder_(make_signal_folder(data, about)), about_(std::move(about)), options_(std::move(options)), rows_(about_), files_(folder_, about_),
      claims_(folder_, options_.claims) {
  // What was left behind comes first: a record of old content must not stand over one that is made now.
  if (const auto alone = claims_.take("vectors")) fold();
  read_new();
  for (const auto& track : wanted) {
    if (done(track)) continue;
    blocks_[track.track / options_.block].push_back(track);
    ++left_;
  }
}

/// Records first: those that are gone since were put into vectors.safetensors before.
void SignalWork::read_new() {
  files_.read_new(rows_);
  struct stat is {};
  if (::stat((folder_ / "vectors.safetensors").c_str(), &is) != 0) return;
  const std::array<int64_t, 3> seen{static_cast<int64_t>(is.st_ino), is.st_mtim.tv_sec, is.st_mtim.tv_nsec};
  if (seen == vectors_seen_) return;
  vectors_seen_ = seen;
  read_vectors(folder_, about_, rows_);
}

bool SignalWork::done(const WantedTrack& track) const {
  if (!rows_.has(track.track, track.content)) return false;
  const auto tried = tried_.find(track.track);
  return !options_.again || rows_.known(track.track) != Known::unreadable || (tried != tried_.end() && tried->second == track.content);
}

std::optional<SignalWork::Block> SignalWork::next() {
  const std::lock_guard lock(mutex_);
  while (!blocks_.empty()) {
    const auto first = blocks_.begin();
    const auto tracks = std::move(first->second);
    const std::string name = fmt::format("tracks-{:06}", first->first);
    blocks_.erase(first);
    Block block{{}, claims_.take(name)};
    if (block.claim == nullptr) continue;  // of another process, which does all of it or leaves it for the next time
    looked_at_ += static_cast<int64_t>(tracks.size());
    read_new();                            // what that made before it gave the block back
    for (const auto& track : tracks) {
      if (!done(track)) block.tracks.push_back(track);
    }
    if (!block.tracks.empty()) return block;
  }
  return std::nullopt;
}

void SignalWork::add(int32_t track, Known known, int64_t content, std::span<const float> vector, const std::string& problem) {
  RecordWriter* writer = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (writer_ == nullptr) writer_ = std::make_unique<RecordWriter>(folder_, about_);
    if (known == Known::unreadable) tried_[track] = content;
    writer = writer_.get();
  }
  writer->add(track, known, content, vector, problem);
}

Signal SignalWork::finish() {
  const std::lock_guard lock(mutex_);
  writer_.reset();
  if (const auto alone = claims_.take("vectors")) return fold();
  read_new();  // another process does the same now
  return rows_.signal();
}

/// By who has claimed "vectors": a record file that is gone since is in vectors.safetensors.
Signal SignalWork::fold() const {
  SignalRows all(about_);
  read_vectors(folder_, about_, all);
  RecordFiles files(folder_, about_);
  const bool anything = files.read_new(all);
  Signal signal = all.signal();
  if (!anything) return signal;
  save_vectors(folder_, signal);
  files.remove_read();
  return signal;
}

}  // namespace segue
