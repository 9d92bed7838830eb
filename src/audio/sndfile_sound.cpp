// What only libsndfile opens: a few Ogg files whose headers FFmpeg refuses, and some formats of laboratories.
#include <sndfile.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <mutex>

#include "audio/sound_mean.h"
#include "audio/sound_source.h"
#include "core/error.h"

namespace segue {
namespace {

struct Close {
  void operator()(SNDFILE* file) const { sf_close(file); }
};

/// What the library calls a format: "OGG (OGG Container format)" is "ogg".
std::string name_of(int command, int format) {
  SF_FORMAT_INFO info{};
  info.format = format;
  if (sf_command(nullptr, command, &info, sizeof info) != 0 || info.name == nullptr) return "unknown";
  const std::string_view whole = info.name;
  std::string name(whole.substr(0, whole.find(" (")));
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

class SndfileSound : public SoundSource {
 public:
  explicit SndfileSound(std::shared_ptr<SoundFile> file);

  const SoundFormat& format() const override { return format_; }
  bool next(SoundBlock& block) override;
  std::optional<int64_t> seek(int64_t sample) override;
  int64_t broken_packets() const override { return broken_; }

 private:
  static SndfileSound& of(void* self) { return *static_cast<SndfileSound*>(self); }
  static sf_count_t length(void* self) { return of(self).file_->size(); }
  static sf_count_t go(sf_count_t offset, int whence, void* self);
  static sf_count_t fetch(void* into, sf_count_t bytes, void* self);
  static sf_count_t tell(void* self) { return of(self).at_; }

  std::shared_ptr<SoundFile> file_;
  sf_count_t at_ = 0;  // in bytes
  std::unique_ptr<SNDFILE, Close> sound_;
  SoundFormat format_;
  std::vector<float> channels_;  // of a block
  int64_t broken_ = 0;
};

/// Its decoder of MPEG writes to the terminal, and reads nothing that FFmpeg doesn't.
bool may_be_mpeg(SoundFile& file) {
  unsigned char head[3] = {};
  return file.read(head, sizeof head, 0) == sizeof head &&
         (std::memcmp(head, "ID3", 3) == 0 || (head[0] == 0xff && head[1] >= 0xe0));
}

SndfileSound::SndfileSound(std::shared_ptr<SoundFile> file) : file_(std::move(file)) {
  if (may_be_mpeg(*file_)) throw Error("{}: libsndfile is not asked for MPEG", file_->path().string());
  SF_VIRTUAL_IO calls{length, go, fetch, nullptr, tell};
  SF_INFO info{};
  static std::mutex opening;  // why it failed stands in one place for all threads
  const std::lock_guard alone(opening);
  sound_.reset(sf_open_virtual(&calls, SFM_READ, &info, this));
  file_->check();
  if (!sound_) throw Error("{}: libsndfile: {}", file_->path().string(), sf_strerror(nullptr));
  if (info.samplerate < slowest_hz || info.samplerate > fastest_hz || info.channels < 1 || info.channels > 1024) {
    throw Error("{}: says it has {} channels at {} Hz", file_->path().string(), info.channels, info.samplerate);
  }
  format_.container = name_of(SFC_GET_FORMAT_INFO, info.format & SF_FORMAT_TYPEMASK);
  format_.codec = name_of(SFC_GET_FORMAT_INFO, info.format & SF_FORMAT_SUBMASK);
  format_.sample_rate_hz = info.samplerate;
  format_.channels = info.channels;
  if (info.frames > 0 && info.frames < SF_COUNT_MAX) {
    format_.seconds = static_cast<double>(info.frames) / info.samplerate;
    format_.bit_rate = static_cast<int64_t>(static_cast<double>(file_->size()) * 8 / format_.seconds);
  }
}

sf_count_t SndfileSound::go(sf_count_t offset, int whence, void* self) {
  auto& sound = of(self);
  const auto from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? sound.at_ : sf_count_t{sound.file_->size()};
  if (__builtin_add_overflow(from, offset, &offset) || offset < 0) return -1;
  return sound.at_ = offset;
}

sf_count_t SndfileSound::fetch(void* into, sf_count_t bytes, void* self) {
  auto& sound = of(self);
  const auto got = bytes > 0 ? sound.file_->read(into, static_cast<size_t>(bytes), sound.at_) : 0;
  if (got > 0) sound.at_ += got;
  return got < 0 ? 0 : got;
}

bool SndfileSound::next(SoundBlock& block) {
  const auto channels = static_cast<size_t>(format_.channels);
  const size_t count = std::max<size_t>(1, block_samples / channels);
  channels_.resize(count * channels);
  const auto got = sf_readf_float(sound_.get(), channels_.data(), static_cast<sf_count_t>(count));
  file_->check();
  if (sf_error(sound_.get()) != SF_ERR_NO_ERROR) ++broken_;
  block.samples.clear();
  block.sample_rate_hz = format_.sample_rate_hz;
  if (got <= 0) return false;
  append_mean(channels_.data(), static_cast<size_t>(got), channels, block.samples);
  return true;
}

std::optional<int64_t> SndfileSound::seek(int64_t sample) {
  const auto at = sf_seek(sound_.get(), sample, SEEK_SET);
  return at >= 0 ? std::optional<int64_t>(at) : std::nullopt;
}

}  // namespace

std::unique_ptr<SoundSource> open_with_sndfile(std::shared_ptr<SoundFile> file) {
  return std::make_unique<SndfileSound>(std::move(file));
}

}  // namespace segue
