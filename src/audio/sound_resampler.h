#pragma once

#include <memory>
#include <span>
#include <vector>

struct SwrContext;

namespace segue {

/// Changes the sample rate of one channel with FFmpeg's libswresample: a windowed sinc of 32 zero crossings under Kaiser's
/// window (beta 9), cut off at .97 of the lower rate's half, its phases exact where the rates' ratio has a small
/// denominator. Output n stands at the time n / to_hz.
class SoundResampler {
 public:
  SoundResampler(int from_hz, int to_hz);
  ~SoundResampler();
  SoundResampler(SoundResampler&&) noexcept;
  SoundResampler& operator=(SoundResampler&&) noexcept;

  int from_hz() const { return from_hz_; }
  /// Appends to `out` what the samples so far decide.
  void add(std::span<const float> in, std::vector<float>& out);
  /// Appends the rest. Nothing can be added afterwards.
  void finish(std::vector<float>& out);

 private:
  void convert(const float* in, size_t count, std::vector<float>& out);

  struct Free {
    void operator()(SwrContext* context) const;
  };
  int from_hz_, to_hz_;
  std::unique_ptr<SwrContext, Free> context_;
};

}  // namespace segue
