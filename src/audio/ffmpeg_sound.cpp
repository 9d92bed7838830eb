extern "C" {
#include <libavcodec/vorbis_parser.h>
}

#include "audio/ffmpeg_file.h"
#include "audio/sound_mean.h"
#include "audio/sound_source.h"
#include "core/error.h"

namespace segue {
namespace {

/// A jump goes to so many quarters of a second before the place, then to more where that was too late, and drops a quarter
/// at least: decoders remember what was before, those of MP3 and Opus for .2 s.
constexpr int64_t backs[] = {3, 12, 48};

constexpr int64_t longest_vorbis = 4096;  // samples of a packet

struct FreeParser {
  void operator()(AVVorbisParseContext* parser) const { av_vorbis_parse_free(&parser); }
};

class FfmpegSound : public SoundSource {
 public:
  explicit FfmpegSound(std::shared_ptr<SoundFile> file);

  const SoundFormat& format() const override { return in_.format(); }
  bool next(SoundBlock& block) override;
  bool jumps() const override { return in_.lets_jump(); }
  std::optional<int64_t> seek(int64_t sample) override;
  int64_t broken_packets() const override { return broken_; }

 private:
  bool decode();
  bool feed();
  bool usable() const;
  void note_frame();
  std::optional<int64_t> stamp();
  std::optional<int64_t> pass_over(int64_t sample);
  std::optional<int64_t> land(int64_t sample);

  FfmpegFile in_;
  Owned<AVFrame> frame_{av_frame_alloc()};
  bool pending_ = false;  // frame_ has not been given out
  bool drained_ = false;  // the decoder knows that nothing follows
  int64_t broken_ = 0;
  int first_rate_hz_ = 0;
  bool counting_ = true;            // nothing was jumped over, so that counted_ is right
  int64_t counted_ = 0;             // samples up to the end of frame_
  std::optional<int64_t> origin_;   // the stamp that the first sample would have
  std::optional<int64_t> expected_; // the next frame's stamp, from this one's
  // Of Vorbis in Ogg neither FFmpeg's stamps nor many an encoder's are exact: there packets are passed over and counted.
  std::unique_ptr<AVVorbisParseContext, FreeParser> packets_;
};

FfmpegSound::FfmpegSound(std::shared_ptr<SoundFile> file) : in_(std::move(file)) {
  const auto& decoder = *in_.decoder();
  if (in_.is_ogg_vorbis()) packets_.reset(av_vorbis_parse_init(decoder.extradata, decoder.extradata_size));
}

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

/// The next frame that holds sound is in frame_; false at the end.
bool FfmpegSound::decode() {
  for (;;) {
    const int got = avcodec_receive_frame(in_.decoder(), frame_.get());
    if (got == AVERROR_EOF) return false;
    if (got == 0) {
      if (usable()) return note_frame(), true;
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
  // (so that it knows the one before those that pass_over() counts)
  if (packets_ && packet != nullptr) av_vorbis_parse_frame(packets_.get(), packet->data, packet->size);
  const int failed = avcodec_send_packet(in_.decoder(), packet);
  if (failed == 0 || failed == AVERROR_EOF) return failed == 0;
  ++broken_;
  return !drained_;
}

bool FfmpegSound::usable() const {
  return frame_->nb_samples > 0 && frame_->ch_layout.nb_channels > 0 && frame_->sample_rate >= slowest_hz &&
         frame_->sample_rate <= fastest_hz;
}

void FfmpegSound::note_frame() {
  if (!counting_) return;
  if (first_rate_hz_ == 0) first_rate_hz_ = frame_->sample_rate;
  if (const auto at = stamp()) origin_ = *at - counted_;
  counted_ += frame_->nb_samples;
}

/// The frame's time stamp in samples; nothing if it doesn't follow from the one before.
std::optional<int64_t> FfmpegSound::stamp() {
  if (frame_->pts == AV_NOPTS_VALUE) return {};
  const AVRational sample{1, frame_->sample_rate};
  const int64_t at = av_rescale_q(frame_->pts, in_.time_base(), sample);
  const bool follows = expected_ && at == *expected_;
  expected_ = at + frame_->nb_samples;
  return follows ? std::optional(at) : std::nullopt;
}

std::optional<int64_t> FfmpegSound::seek(int64_t sample) {
  if (in_.is_ogg_vorbis()) return packets_ ? pass_over(sample) : std::nullopt;
  while (counting_ && !origin_ && decode()) pending_ = false;
  if (!origin_ || sample < first_rate_hz_) return {};
  counting_ = false;
  for (const auto back : backs) {
    const int64_t to = *origin_ + sample - back * first_rate_hz_ / 4;
    if (!in_.seek(av_rescale_q(to, {1, first_rate_hz_}, in_.time_base()))) return {};
    if (const auto at = land(sample)) return at;
  }
  return {};
}

/// Decodes up to where frames are as they would be without the jump. Nothing if that is behind `sample`.
std::optional<int64_t> FfmpegSound::land(int64_t sample) {
  pending_ = drained_ = false;
  expected_.reset();
  std::optional<int64_t> end;
  for (int64_t heard = 0; decode(); heard += frame_->nb_samples) {
    if (frame_->sample_rate != first_rate_hz_) return {};
    const auto stamped = stamp();
    if (!stamped) continue;
    const int64_t at = *stamped - *origin_;
    if (at > sample) return {};
    end = at + frame_->nb_samples;
    if (heard < first_rate_hz_ / 4) continue;
    pending_ = true;
    return at;
  }
  return drained_ ? end : std::nullopt;
}

/// Forward only. How many samples a packet makes is told by its first bits and those of the one before, which is also all
/// that the decoder remembers.
std::optional<int64_t> FfmpegSound::pass_over(int64_t sample) {
  if (sample < counted_) return {};
  const bool far = sample > counted_ + 4 * longest_vorbis;
  pending_ = pending_ && !far;
  while (far && !drained_) {
    const auto* packet = in_.next_packet();
    broken_ += in_.take_broken();
    drained_ = packet == nullptr;
    if (drained_) break;
    const int samples = av_vorbis_parse_frame(packets_.get(), packet->data, packet->size);
    if (samples <= 0) return {};
    counted_ += samples;
    if (counted_ <= sample - longest_vorbis) continue;
    avcodec_flush_buffers(in_.decoder());
    if (avcodec_send_packet(in_.decoder(), packet) != 0) return {};
    avcodec_receive_frame(in_.decoder(), frame_.get());  // none, or none that is whole
    break;
  }
  return counted_ - (pending_ ? frame_->nb_samples : 0);
}

}  // namespace

std::unique_ptr<SoundSource> open_with_ffmpeg(std::shared_ptr<SoundFile> file) {
  return std::make_unique<FfmpegSound>(std::move(file));
}

}  // namespace segue
