#include "encoders/hear.h"

#include <algorithm>
#include <cmath>

#include "audio/sound_reader.h"
#include "core/error.h"

namespace segue {
namespace {

/// Where windows begin, in seconds: the first at the start, the last at the end of the track.
std::vector<double> beginnings(int64_t windows, double window_s, double track_s) {
  std::vector<double> at;
  const double room = std::max(0.0, track_s - window_s);
  for (int64_t i = 0; i < windows; ++i) at.push_back(windows == 1 ? room / 2 : room * static_cast<double>(i) / static_cast<double>(windows - 1));
  return at;
}

class Hearing {
 public:
  Hearing(const SoundEncoder& encoder, const Path& file, const HearOptions& options)
      : encoder_(encoder), file_(file), reader_(file, encoder.sample_rate_hz()), pool_(options.pooling, encoder.width()),
        window_s_(options.window_s > 0 ? options.window_s : encoder.window_s()), samples_(samples(window_s_)),
        shortest_(std::max<size_t>(1, samples(encoder.shortest_s()))) {
    if (samples_.size() < shortest_) {
      throw Error("a window of {} s is too short for this encoder; it needs {} s", window_s_, encoder.shortest_s());
    }
  }

  HeardTrack all(const HearOptions& options) {
    const double track_s = reader_.format().seconds;
    if (options.windows == 0 || track_s <= window_s_ * static_cast<double>(options.windows)) {
      while (window()) {}
    } else {
      for (const double at : beginnings(options.windows, window_s_, track_s)) {
        if (!reader_.skip_to(at) || !window()) break;  // the file says it is longer than it is
      }
    }
    if (pool_.frames() == 0) {
      throw Error("{}: {:.2f} s of sound; {:.2f} s are wanted at least", file_.string(), heard_ / encoder_.sample_rate_hz(), encoder_.shortest_s());
    }
    HeardTrack out{pool_.vector(), heard_ / encoder_.sample_rate_hz(), reader_.broken_packets()};
    if (!std::all_of(out.vector.begin(), out.vector.end(), [](float x) { return std::isfinite(x); })) {
      throw Error("{}: what the encoder makes of it is not finite", file_.string());
    }
    return out;
  }

 private:
  size_t samples(double seconds) const { return static_cast<size_t>(std::llround(seconds * encoder_.sample_rate_hz())); }

  /// False at the end of the track.
  bool window() {
    const size_t got = reader_.read(samples_);
    heard_ += static_cast<double>(got);
    if (got < shortest_) return false;
    const Tensor wave = tensor_of(std::span<const float>(samples_).first(got), {static_cast<int64_t>(got)});
    pool_.add(encoder_.frames(wave));
    return got == samples_.size();
  }

  const SoundEncoder& encoder_;
  const Path& file_;
  SoundReader reader_;
  Pool pool_;
  double window_s_;
  std::vector<float> samples_;
  size_t shortest_;
  double heard_ = 0;
};

}  // namespace

HeardTrack hear(const SoundEncoder& encoder, const Path& file, const HearOptions& options) { return Hearing(encoder, file, options).all(options); }

}  // namespace segue
