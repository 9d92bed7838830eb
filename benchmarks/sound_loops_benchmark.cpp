// Own loops of the encoders of sound beside what libtorch has for the same, one thread, by processor time.
//   sound_loops_benchmark [TURNS]
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/_fft_r2c.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>

#include <ctime>

#include "encoders/peak_convolution.h"
#include "turns.h"

namespace segue {
namespace {

using at::Tensor;

/// Runs both in turn; what is printed is the median of the milliseconds, and of the ratios.
void beside(const char* what, int turns, int times, const std::function<void()>& libtorch, const std::function<void()>& own) {
  const auto ms = [&](const std::function<void()>& job) {
    const std::clock_t began = std::clock();
    for (int i = 0; i < times; ++i) job();
    return 1e3 * static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC / times;
  };
  libtorch();
  own();
  Row theirs{"", libtorch}, ours{"", own};
  for (int turn = 0; turn < turns; ++turn) {
    theirs.ms.push_back(ms(libtorch));
    ours.ms.push_back(ms(own));
  }
  std::printf("%-44s libtorch %8.3f ms, own %8.3f ms: %5.2f times as fast\n", what, median(theirs.ms), median(ours.ms), ratio(theirs, ours));
}

void transforms(int turns) {
  for (const int64_t length : {96, 512, 2048}) {
    const int64_t blocks = 8;  // of eight series: what stays in the cache
    const Fourier fourier(length);
    const Tensor series = at::rand({8 * blocks, length}), abreast = at::rand({length, 8}), room = at::zeros({length, 8}), power = at::zeros({fourier.bins(), 8});
    beside(("64 transforms of " + std::to_string(length)).c_str(), turns, 100, [&] { at::_fft_r2c(series, {1}, 0, true); },
           [&] {
             for (int64_t b = 0; b < blocks; ++b) {
               fourier.power(abreast.mutable_data_ptr<float>(), room.mutable_data_ptr<float>(), power.mutable_data_ptr<float>());
               std::fill_n(abreast.mutable_data_ptr<float>(), abreast.numel(), 0.5F);  // what was there is lost
             }
           });
  }
}

void convolutions(int turns) {
  constexpr int64_t times = 187, bands = 96;
  const Tensor image = at::randn({times, bands});
  for (const auto& [taps, wide, filters] : {std::tuple<int64_t, int64_t, int64_t>(7, 38, 204), {7, 67, 204}, {128, 1, 51}, {64, 1, 51}, {32, 1, 51}}) {
    const Tensor kernel = at::randn({taps, wide, filters}), plain = kernel.permute({2, 0, 1}).unsqueeze(1).contiguous(), answers = at::zeros({times, filters});
    const std::vector<float> ones(static_cast<size_t>(filters), 1.0F);
    const std::span<const float> weights(kernel.const_data_ptr<float>(), static_cast<size_t>(kernel.numel()));
    const Answers into{answers.mutable_data_ptr<float>(), filters};
    const TimesBands heard{image.const_data_ptr<float>(), times, bands};
    const BandPeaks by_band(weights, taps, wide, bands, {ones, ones, ones});
    const TimePeaks by_time(wide == 1 ? weights : weights.first(static_cast<size_t>(taps * filters)), taps, times, {ones, ones, ones});
    beside(("peaks of " + std::to_string(filters) + " filters of " + std::to_string(taps) + " x " + std::to_string(wide)).c_str(), turns, 3,
           [&, taps = taps] {
             const Tensor padded = at::constant_pad_nd(image, {0, 0, (taps - 1) / 2, taps / 2}).unsqueeze(0).unsqueeze(0);
             at::amax(at::conv2d(padded, plain).relu_(), {3});
           },
           [&, wide = wide] { wide == 1 ? by_time.of(heard, into) : by_band.of(heard, into); });
  }
}

}  // namespace
}  // namespace segue

int main(int argc, char** argv) {
  at::set_num_threads(1);
  const at::NoGradGuard no_grad;
  const int turns = argc > 1 ? std::atoi(argv[1]) : 7;
  segue::transforms(turns);
  segue::convolutions(turns);
}
