#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace segue {

/// x → e^x within 2 units in the last place, and 0 below −87; for kernels, whose loops it doesn't keep from being turned into
/// vectors. Float is float, or a vector of them with Int the same of int32_t.
///
/// x = n ln 2 + r with |r| ≤ ln 2 / 2, e^r by a polynomial of degree 6 (Cephes' expf), 2^n by the exponent's bits.
template <class Float, class Int>
inline __attribute__((always_inline)) void exponential(Float& x) {
  constexpr float lowest = -87.0F, round = 12582912.0F;  // 1.5 · 2^23: adding it leaves no binary places
  const Float n = (x * 1.44269504F + round) - round;
  const Float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  Float y = 1.9875691500e-4F * r + 1.3981999507e-3F;
  y = y * r + 8.3334519073e-3F;
  y = y * r + 4.1665795894e-2F;
  y = y * r + 1.6666665459e-1F;
  y = y * r + 5.0000001201e-1F;
  y = y * r * r + r + 1.0F;
  Int whole;
  if constexpr (std::is_same_v<Float, float>) whole = static_cast<Int>(n);
  else whole = __builtin_convertvector(n, Int);
  const Int power = (whole + 127) << 23;
  Float two_to_n;
  std::memcpy(&two_to_n, &power, sizeof(power));
  y *= two_to_n;
  x = x < lowest ? Float{} : y;
}

}  // namespace segue
