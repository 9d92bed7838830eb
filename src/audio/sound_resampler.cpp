#include "audio/sound_resampler.h"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/samplefmt.h>
#include <libswresample/swresample.h>
}

#include <algorithm>
#include <new>
#include <stdexcept>

namespace segue {
namespace {

constexpr size_t piece_samples = 65536;  // of output at a time, whatever the ratio

}  // namespace

void SoundResampler::Free::operator()(SwrContext* context) const { swr_free(&context); }

SoundResampler::SoundResampler(int from_hz, int to_hz) : from_hz_(from_hz), to_hz_(to_hz) {
  if (from_hz <= 0 || to_hz <= 0) throw std::invalid_argument("SoundResampler: rates must be above 0");
  AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
  SwrContext* context = nullptr;
  constexpr auto format = AV_SAMPLE_FMT_FLT;
  const int failed = swr_alloc_set_opts2(&context, &mono, format, to_hz, &mono, format, from_hz, 0, nullptr);
  context_.reset(context);
  if (failed < 0 || swr_init(context) < 0) throw std::bad_alloc();
}

SoundResampler::~SoundResampler() = default;
SoundResampler::SoundResampler(SoundResampler&&) noexcept = default;
SoundResampler& SoundResampler::operator=(SoundResampler&&) noexcept = default;

void SoundResampler::add(std::span<const float> in, std::vector<float>& out) {
  const size_t of_output = piece_samples * static_cast<size_t>(from_hz_) / static_cast<size_t>(to_hz_);
  const size_t piece = std::clamp<size_t>(of_output, 1, piece_samples);
  for (size_t at = 0; at < in.size(); at += piece) convert(in.data() + at, std::min(piece, in.size() - at), out);
}

void SoundResampler::finish(std::vector<float>& out) { convert(nullptr, 0, out); }

void SoundResampler::convert(const float* in, size_t count, std::vector<float>& out) {
  const size_t before = out.size();
  const int room = swr_get_out_samples(context_.get(), static_cast<int>(count)) + 1;
  out.resize(before + static_cast<size_t>(std::max(room, 1)));
  auto* to = reinterpret_cast<uint8_t*>(out.data() + before);
  const auto* from = reinterpret_cast<const uint8_t*>(in);
  const int got = swr_convert(context_.get(), &to, room, in == nullptr ? nullptr : &from, static_cast<int>(count));
  if (got < 0) throw std::bad_alloc();  // its only failure
  out.resize(before + static_cast<size_t>(got));
}

}  // namespace segue
