#include <cstdlib>

#include "audio/ffmpeg_file.h"
#include "audio/sound_mean.h"
#include "audio/sound_source.h"
#include "core/error.h"

namespace segue {
namespace {

/// Decoded and dropped after a jump, in quarters of a second: MP3's reservoir and Opus want .2 s, Vorbis a block.
constexpr int64_t preroll = 1;
/// The stamps of the first pages of some Ogg files are wrong: those behind are believed.
constexpr int64_t settled_s = 4;
/// How long before a place one jumps to, at first, then where that was too late, since pages of Ogg may be long.
constexpr int64_t backs[] = {3, 12, 48};

/// Tells which frames' time stamps are right. What FFmpeg says of Vorbis in Ogg is wrong by a part of a block where short
/// blocks follow long ones, and, on the page that it came to first, up to the page's end.
class FrameStamps {
 public:
  /// The next frame's stamp, in samples; nothing if it is not known to be right.
  std::optional<int64_t> next(const AVFrame& frame, AVRational time_base) {
    if (frame.pts == AV_NOPTS_VALUE) return {};
    const AVRational sample{1, frame.sample_rate};
    const int64_t stamp = av_rescale_q(frame.pts, time_base, sample);
    const int64_t tick = av_rescale_q_rnd(1, time_base, sample, AV_ROUND_UP) - 1;  // 0: a tick is no more than a sample
    if (!page_) page_ = frame.pkt_pos;
    const bool follows = expected_ && std::abs(stamp - *expected_) <= tick;
    expected_ = stamp + frame.nb_samples;
    return follows && (page_ < 0 || frame.pkt_pos != page_) ? std::optional(stamp) : std::nullopt;
  }

 private:
  std::optional<int64_t> page_, expected_;
};

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
  void note_place();
  bool find_origin();
  std::optional<int64_t> land(int64_t sample);

  FfmpegFile in_;
  Owned<AVFrame> frame_{av_frame_alloc()};
  bool pending_ = false;  // frame_ has not been given out
  bool drained_ = false;  // the decoder knows that nothing follows
  int64_t broken_ = 0;
  int first_rate_hz_ = 0;
  FrameStamps stamps_;               // since the beginning, or since the last jump
  bool counting_ = true;             // nothing was jumped over
  int64_t counted_ = 0;              // samples before what follows frame_
  std::optional<int64_t> origin_;    // the stamp that the first sample would have
};

bool FfmpegSound::next(SoundBlock& block) {
  block.samples.clear();
  while (block.samples.size() < block_samples) {
    if (!pending_ && !decode()) break;
    pending_ = true;
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
      if (usable()) return note_place(), true;
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

void FfmpegSound::note_place() {
  if (!counting_) return;
  if (first_rate_hz_ == 0) first_rate_hz_ = frame_->sample_rate;
  if (const auto stamp = stamps_.next(*frame_, in_.time_base())) origin_ = *stamp - counted_;
  counted_ += frame_->nb_samples;
}

bool FfmpegSound::find_origin() {
  while (counting_ && (!origin_ || counted_ < settled_s * first_rate_hz_) && decode()) pending_ = false;
  counting_ = false;
  return origin_.has_value();
}

std::optional<int64_t> FfmpegSound::seek(int64_t sample) {
  if (!find_origin() || sample < (settled_s + 1) * first_rate_hz_) return {};
  for (const auto back : backs) {
    const int64_t to = sample - back * first_rate_hz_ / 4;
    if (!in_.seek(av_rescale_q(*origin_ + to, {1, first_rate_hz_}, in_.time_base()))) return {};
    pending_ = drained_ = false;
    if (const auto at = land(sample)) return at;
  }
  return {};
}

/// Decodes up to where frames are as they would be without the jump, and known where. Nothing if that is behind `sample`.
std::optional<int64_t> FfmpegSound::land(int64_t sample) {
  stamps_ = {};
  for (int64_t heard = 0; decode() && frame_->sample_rate == first_rate_hz_; heard += frame_->nb_samples) {
    const auto stamp = stamps_.next(*frame_, in_.time_base());
    if (!stamp) continue;
    const int64_t at = *stamp - *origin_;
    if (at > sample) break;
    if (heard < preroll * first_rate_hz_ / 4) continue;
    pending_ = true;
    return at;
  }
  return {};
}

}  // namespace

std::unique_ptr<SoundSource> open_with_ffmpeg(std::shared_ptr<SoundFile> file) {
  return std::make_unique<FfmpegSound>(std::move(file));
}

}  // namespace segue
