#include "encoders/heard_wave.h"

#include <bit>
#include <cstdint>
#include <stdexcept>

#include "core/error.h"

namespace segue {
namespace {

/// Some number is not finite, or so large that its powers would not be.
bool beyond_reason(std::span<const float> wave) {
  constexpr auto most = std::bit_cast<int32_t>(1e12F);
  int32_t found = 0;
  for (const float x : wave) found |= static_cast<int32_t>((std::bit_cast<int32_t>(x) & 0x7fffffff) > most);
  return found != 0;
}

}  // namespace

Tensor heard_wave(const SoundEncoder& encoder, const Tensor& wave) {
  if (wave.dim() != 1 || wave.scalar_type() != at::kFloat || !wave.is_cpu()) {
    throw std::invalid_argument(fmt::format("{}: wants one channel of f32 on the CPU", encoder.space()));
  }
  const double seconds = static_cast<double>(wave.size(0)) / encoder.sample_rate_hz();
  if (seconds < encoder.shortest_s()) {
    throw std::invalid_argument(fmt::format("{}: wants {} s of sound at least, got {} s", encoder.space(), encoder.shortest_s(), seconds));
  }
  const Tensor heard = wave.contiguous();
  if (beyond_reason(samples_of(heard))) throw Error("{}: the sound has numbers that are not finite, or far beyond ±1", encoder.space());
  return heard;
}

std::span<const float> samples_of(const Tensor& wave) { return {wave.const_data_ptr<float>(), static_cast<size_t>(wave.numel())}; }

}  // namespace segue
