#include "audio/ffmpeg_file.h"

extern "C" {
#include <libavutil/log.h>
#include <libavutil/mem.h>
}

#include <algorithm>
#include <array>
#include <mutex>
#include <new>
#include <string>

#include "core/error.h"

namespace segue {
namespace {

constexpr int buffer_bytes = 1 << 16;
constexpr int64_t id3_bytes = 10;
/// No more in one piece, whatever a header says: a picture of 50 MB in Ogg takes half of it.
constexpr size_t largest_bytes = size_t{1} << 28;

/// ID3v2 tags stand before the sound and may hold pictures of any size, which FFmpeg would keep: where the sound begins.
int64_t behind_id3(SoundFile& file) {
  int64_t at = 0;
  for (std::array<unsigned char, id3_bytes> head{}; file.read(head.data(), head.size(), at) == id3_bytes;) {
    if (head[0] != 'I' || head[1] != 'D' || head[2] != '3' || head[3] == 0xff || head[4] == 0xff) break;
    if (((head[6] | head[7] | head[8] | head[9]) & 0x80) != 0) break;
    const int64_t size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9];
    at += id3_bytes + size + ((head[5] & 0x10) != 0 ? id3_bytes : 0);
  }
  return at < file.size() ? at : 0;
}

/// Whether the first and the last page of an Ogg file belong to different streams: then several files were joined, and after
/// a jump FFmpeg loses all but one.
bool is_joined_ogg(SoundFile& file) {
  constexpr int64_t longest_page = 27 + 255 + 255 * 255;
  const int64_t begin = std::max<int64_t>(0, file.size() - longest_page);
  std::string first(18, '\0'), last(longest_page, '\0');
  first.resize(static_cast<size_t>(std::max<int64_t>(0, file.read(first.data(), first.size(), 0))));
  last.resize(static_cast<size_t>(std::max<int64_t>(0, file.read(last.data(), last.size(), begin))));
  const size_t page = last.rfind(std::string_view("OggS\0", 5));
  return first.size() != 18 || page == std::string::npos || first.substr(14, 4) != last.substr(page).substr(0, 18).substr(14);
}

/// Some formats are lists of other files, or of addresses in the net.
int open_no_other(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) { return AVERROR(EPERM); }

}  // namespace

struct FfmpegFile::Io {
  SoundFile& file;
  int64_t begin, at = 0;

  static int read(void* self, uint8_t* into, int bytes) {
    auto& io = *static_cast<Io*>(self);
    const auto got = io.file.read(into, static_cast<size_t>(bytes), io.begin + io.at);
    if (got == 0) return AVERROR_EOF;
    if (got < 0) return AVERROR(io.file.error());
    io.at += got;
    return static_cast<int>(got);
  }

  static int64_t seek(void* self, int64_t offset, int whence) {
    auto& io = *static_cast<Io*>(self);
    whence &= ~AVSEEK_FORCE;
    const int64_t size = io.file.size() - io.begin;
    if (whence == AVSEEK_SIZE) return size;
    const int64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? io.at : size;
    if (__builtin_add_overflow(from, offset, &offset) || offset < 0) return AVERROR(EINVAL);
    return io.at = offset;
  }
};

FfmpegFile::FfmpegFile(std::shared_ptr<SoundFile> file) : file_(std::move(file)), packet_(av_packet_alloc()) {
  static std::once_flag once;
  std::call_once(once, [] {
    av_log_set_level(AV_LOG_QUIET);
    av_max_alloc(largest_bytes);
  });
  open();
  leave_out_pictures();
  const int failed = avformat_find_stream_info(container_.get(), nullptr);
  file_->check();
  if (failed < 0) refuse(failed);
  choose_stream();
  describe();
  jumps_ = can_jump();
}

void FfmpegFile::open() {
  place_ = std::make_shared<Io>(Io{*file_, behind_id3(*file_)});
  auto* buffer = static_cast<uint8_t*>(av_malloc(buffer_bytes));
  io_.reset(avio_alloc_context(buffer, buffer_bytes, 0, place_.get(), Io::read, nullptr, Io::seek));
  auto* container = avformat_alloc_context();
  if (!io_ || container == nullptr || !packet_) throw std::bad_alloc();
  container->pb = io_.get();
  container->io_open = open_no_other;
  container->protocol_whitelist = av_strdup("none");
  const int failed = avformat_open_input(&container, file_->path().filename().c_str(), nullptr, nullptr);  // frees it if it fails
  container_.reset(failed < 0 ? nullptr : container);
  file_->check();
  if (failed < 0) refuse(failed);
}

/// What is not sound is neither kept nor looked into: a small picture may unpack to gigabytes.
void FfmpegFile::leave_out_pictures() {
  for (unsigned i = 0; i < container_->nb_streams; ++i) {
    AVStream& stream = *container_->streams[i];
    if (stream.codecpar->codec_type == AVMEDIA_TYPE_AUDIO) continue;
    stream.discard = AVDISCARD_ALL;
    av_packet_unref(&stream.attached_pic);
    stream.codecpar->codec_type = AVMEDIA_TYPE_DATA;
    stream.codecpar->codec_id = AV_CODEC_ID_NONE;
  }
}

void FfmpegFile::choose_stream() {
  const AVCodec* codec = nullptr;
  const int best = av_find_best_stream(container_.get(), AVMEDIA_TYPE_AUDIO, -1, -1, &codec, 0);
  if (best == AVERROR_STREAM_NOT_FOUND) throw Error("{}: holds no sound", file_->path().string());
  if (best < 0) refuse(best);
  for (unsigned i = 0; i < container_->nb_streams; ++i) {
    if (static_cast<int>(i) != best) container_->streams[i]->discard = AVDISCARD_ALL;
  }
  stream_ = container_->streams[best];
  decoder_.reset(avcodec_alloc_context3(codec));
  if (!decoder_ || avcodec_parameters_to_context(decoder_.get(), stream_->codecpar) < 0) throw std::bad_alloc();
  decoder_->pkt_timebase = stream_->time_base;
  decoder_->thread_count = 1;
  const int failed = avcodec_open2(decoder_.get(), codec, nullptr);
  if (failed < 0) refuse(failed);
}

void FfmpegFile::describe() {
  format_.container = container_->iformat->name;
  format_.codec = avcodec_get_name(stream_->codecpar->codec_id);
  ogg_vorbis_ = format_.container == "ogg" && stream_->codecpar->codec_id == AV_CODEC_ID_VORBIS;
  format_.sample_rate_hz = stream_->codecpar->sample_rate;
  format_.channels = stream_->codecpar->ch_layout.nb_channels;
  if (stream_->duration > 0) format_.seconds = static_cast<double>(stream_->duration) * av_q2d(stream_->time_base);
  else if (container_->duration > 0) format_.seconds = static_cast<double>(container_->duration) / AV_TIME_BASE;
  format_.bit_rate = stream_->codecpar->bit_rate > 0 ? stream_->codecpar->bit_rate : container_->bit_rate;
}

/// Of Ogg FFmpeg knows the places of Opus; those of Vorbis are counted, and of other codecs it stamps some wrong. Elsewhere
/// stamps must be finer than samples: those that are not add up their rounding, or are right to a millisecond.
bool FfmpegFile::can_jump() const {
  const auto codec = stream_->codecpar->codec_id;
  if (format_.container == "ogg") return (ogg_vorbis_ || codec == AV_CODEC_ID_OPUS) && !is_joined_ogg(*file_);
  const auto tick = stream_->time_base;
  const int64_t rate = int64_t{stream_->codecpar->sample_rate} * tick.num;
  return rate > 0 && tick.den % rate == 0;
}

const AVPacket* FfmpegFile::next_packet() {
  for (int again = 0;;) {
    av_packet_unref(packet_.get());
    const int failed = av_read_frame(container_.get(), packet_.get());
    file_->check();
    if (failed == AVERROR(EAGAIN) && ++again < 1000) continue;
    if (failed < 0) {
      if (failed != AVERROR_EOF) ++broken_;
      return nullptr;
    }
    if (packet_->stream_index != stream_->index) continue;
    if ((packet_->flags & AV_PKT_FLAG_CORRUPT) != 0) ++broken_;
    return packet_.get();
  }
}

bool FfmpegFile::seek(int64_t pts) {
  if (avformat_seek_file(container_.get(), stream_->index, INT64_MIN, pts, pts, 0) < 0) return false;
  avcodec_flush_buffers(decoder_.get());
  return true;
}

void FfmpegFile::refuse(int code) const {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> why{};
  av_strerror(code, why.data(), why.size());
  throw Error("{}: FFmpeg: {}", file_->path().string(), why.data());
}

}  // namespace segue
