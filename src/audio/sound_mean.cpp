#include "audio/sound_mean.h"

extern "C" {
#include <libavutil/frame.h>
#include <libavutil/samplefmt.h>
}

#include <cstdint>

namespace segue {
namespace {

/// Adds every stride-th sample of `from` to out.
template <class Sample>
void add(const Sample* from, size_t stride, size_t count, float middle, float* out) {
  if (stride == 1) {  // told apart for the compiler's sake
    for (size_t i = 0; i < count; ++i) out[i] += static_cast<float>(from[i]) - middle;
  } else {
    for (size_t i = 0; i < count; ++i) out[i] += static_cast<float>(from[i * stride]) - middle;
  }
}

template <class Sample>
void mean(const AVFrame& frame, float scale, float middle, float* out) {
  const auto format = static_cast<AVSampleFormat>(frame.format);
  const auto count = static_cast<size_t>(frame.nb_samples), channels = static_cast<size_t>(frame.ch_layout.nb_channels);
  const bool planar = av_sample_fmt_is_planar(format) != 0;
  for (size_t c = 0; c < channels; ++c) {
    const auto* from = reinterpret_cast<const Sample*>(frame.extended_data[planar ? c : 0]) + (planar ? 0 : c);
    add(from, planar ? 1 : channels, count, middle, out);
  }
  const float factor = scale / static_cast<float>(channels);
  for (size_t i = 0; i < count; ++i) out[i] *= factor;
}

}  // namespace

bool append_mean(const AVFrame& frame, std::vector<float>& out) {
  const size_t before = out.size();
  out.resize(before + static_cast<size_t>(frame.nb_samples));  // zeros, to which channels are added
  float* const to = out.data() + before;
  switch (av_get_packed_sample_fmt(static_cast<AVSampleFormat>(frame.format))) {
    case AV_SAMPLE_FMT_U8: mean<uint8_t>(frame, 0x1p-7F, 128, to); return true;
    case AV_SAMPLE_FMT_S16: mean<int16_t>(frame, 0x1p-15F, 0, to); return true;
    case AV_SAMPLE_FMT_S32: mean<int32_t>(frame, 0x1p-31F, 0, to); return true;
    case AV_SAMPLE_FMT_S64: mean<int64_t>(frame, 0x1p-63F, 0, to); return true;
    case AV_SAMPLE_FMT_FLT: mean<float>(frame, 1, 0, to); return true;
    case AV_SAMPLE_FMT_DBL: mean<double>(frame, 1, 0, to); return true;
    default: out.resize(before); return false;
  }
}

void append_mean(const float* samples, size_t count, size_t channels, std::vector<float>& out) {
  const size_t before = out.size();
  out.resize(before + count);
  for (size_t c = 0; c < channels; ++c) add(samples + c, channels, count, 0, out.data() + before);
  for (size_t i = before; i < out.size(); ++i) out[i] /= static_cast<float>(channels);
}

}  // namespace segue
