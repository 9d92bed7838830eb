#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

#include <memory>
#include <utility>

#include "audio/sound_file.h"
#include "audio/sound_format.h"

namespace segue {

struct FreeFfmpeg {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVIOContext* io) const {
    if (io != nullptr) av_freep(&io->buffer);
    avio_context_free(&io);
  }
};
template <class Type>
using Owned = std::unique_ptr<Type, FreeFfmpeg>;

/// The packets of the best audio stream of a file, and the decoder for them. FFmpeg sees no other file than this one, even
/// if this one names others, and makes no log.
class FfmpegFile {
 public:
  /// Throws Error: no sound, or none that FFmpeg decodes.
  explicit FfmpegFile(std::shared_ptr<SoundFile> file);

  const SoundFormat& format() const { return format_; }
  AVCodecContext* decoder() const { return decoder_.get(); }
  AVRational time_base() const { return stream_->time_base; }
  /// nullptr at the end; valid until the next call. Throws Error where the disk fails.
  const AVPacket* next_packet();
  /// How many packets since the last call were cut off or could not be told apart.
  int64_t take_broken() { return std::exchange(broken_, 0); }
  bool is_ogg_vorbis() const { return ogg_vorbis_; }
  /// Whether after a jump it is known to the sample where one is, and all the sound behind it comes.
  bool lets_jump() const { return jumps_; }
  /// So that the next packet's time stamp is at most `pts`; false if the file doesn't let it.
  bool seek(int64_t pts);

 private:
  void open();
  void leave_out_pictures();
  void choose_stream();
  void describe();
  bool can_jump() const;
  [[noreturn]] void refuse(int code) const;

  std::shared_ptr<SoundFile> file_;
  struct Io;
  std::shared_ptr<Io> place_;
  Owned<AVIOContext> io_;
  Owned<AVFormatContext> container_;
  Owned<AVCodecContext> decoder_;
  Owned<AVPacket> packet_;
  AVStream* stream_ = nullptr;
  SoundFormat format_;
  bool ogg_vorbis_ = false, jumps_ = false;
  int64_t broken_ = 0;
};

}  // namespace segue
