#include <algorithm>
#include <mutex>

#include "audio/ffmpeg_file.h"
#include "audio/sound_mean.h"
#include "audio/sound_source.h"
#include "core/error.h"

namespace segue {
namespace {

constexpr int64_t preroll_parts = 4;  // 1/4 s is decoded and dropped after a jump: MP3 and Opus want .2 s, Vorbis a block

class FfmpegSound : public SoundSource {
 public:
  explicit FfmpegSound(std::shared_ptr<SoundFile> file) : in_(std::move(file)) {}

  const SoundFormat& format() const override { return in_.format(); }
  bool next(SoundBlock& block) override;
  std::optional<int64_t> seek(int64_t sample) override;
  int64_t broken_packets() const override { return broken_; }

 private:
  /// The next frame that holds sound is in frame_; false at the end.
  bool decode();
  bool feed();
  bool usable() const;
  /// The number of the frame's first sample, from its time stamp.
  std::optional<int64_t> place() const;

  FfmpegFile in_;
  Owned<AVFrame> frame_{av_frame_alloc()};
  bool pending_ = false;  // frame_ has not been given out
  bool drained_ = false;  // the decoder knows that nothing follows
  int64_t first_pts_ = AV_NOPTS_VALUE;
  int first_rate_hz_ = 0;
  int64_t broken_ = 0;
};

bool FfmpegSound::next(SoundBlock& block) {
  block.samples.clear();
  while (block.samples.size() < block_samples) {
    if (!pending_ && !decode()) break;
    pending_ = true;
    if (first_rate_hz_ == 0) {
      first_rate_hz_ = frame_->sample_rate;
      first_pts_ = frame_->best_effort_timestamp;
    }
    if (!block.samples.empty() && frame_->sample_rate != block.sample_rate_hz) break;
    block.sample_rate_hz = frame_->sample_rate;
    if (!append_mean(*frame_, block.samples)) ++broken_;
    pending_ = false;
  }
  return !block.samples.empty();
}

bool FfmpegSound::decode() {
  for (;;) {
    const int got = avcodec_receive_frame(in_.decoder(), frame_.get());
    if (got == AVERROR_EOF) return false;
    if (got == 0) {
      if (usable()) return true;
      ++broken_;
    } else {
      if (got != AVERROR(EAGAIN)) ++broken_;
      if (drained_ || !feed()) return false;
    }
  }
}

/// Hands the decoder the next packet of the stream, or word that there is none. False if it won't even hear that.
bool FfmpegSound::feed() {
  const auto* packet = in_.next_packet();
  broken_ += in_.take_broken();
  drained_ = packet == nullptr;
  const int failed = avcodec_send_packet(in_.decoder(), packet);
  if (failed == 0 || failed == AVERROR_EOF) return failed == 0;
  ++broken_;
  return !drained_;
}

bool FfmpegSound::usable() const {
  return frame_->nb_samples > 0 && frame_->ch_layout.nb_channels > 0 && frame_->sample_rate >= slowest_hz &&
         frame_->sample_rate <= fastest_hz;
}

std::optional<int64_t> FfmpegSound::place() const {
  if (frame_->pts == AV_NOPTS_VALUE || frame_->sample_rate != first_rate_hz_) return {};
  return av_rescale_q(frame_->pts - first_pts_, in_.time_base(), {1, first_rate_hz_});
}

std::optional<int64_t> FfmpegSound::seek(int64_t sample) {
  const int64_t preroll = first_rate_hz_ / preroll_parts;
  if (first_pts_ == AV_NOPTS_VALUE || sample < preroll) return {};
  const int64_t wanted = first_pts_ + av_rescale_q(sample - preroll, {1, first_rate_hz_}, in_.time_base());
  if (!in_.seek(wanted)) return {};
  pending_ = drained_ = false;
  if (!decode()) return {};
  const auto first = place();
  if (!first || *first + preroll > sample + first_rate_hz_) return {};
  while (decode()) {
    const auto at = place();
    if (!at || *at > sample) return {};
    if (*at >= *first + preroll) return pending_ = true, at;
  }
  return {};
}

}  // namespace

std::unique_ptr<SoundSource> open_with_ffmpeg(std::shared_ptr<SoundFile> file) {
  return std::make_unique<FfmpegSound>(std::move(file));
}

}  // namespace segue
