#include "encoders/frame_convolution.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/mm.h>

namespace segue {

FrameConvolution::FrameConvolution(const Tensor& weight, Tensor bias, int64_t stride)
    : weight_(weight.permute({2, 1, 0}).reshape({-1, weight.size(0)}).contiguous()), bias_(std::move(bias)), kernel_(weight.size(2)), stride_(stride) {}

Tensor FrameConvolution::operator()(const Tensor& x) const {
  const int64_t in = x.size(1), frames = (x.size(0) - kernel_) / stride_ + 1;
  TORCH_CHECK(x.is_contiguous() && x.size(0) >= kernel_ && in * kernel_ == weight_.size(0), "FrameConvolution: x is ", x.sizes());
  constexpr int64_t few = 64;  // numbers of a step, below which copying them beside each other is cheaper than more products
  if (stride_ * in < few && kernel_ > stride_) {
    const Tensor seen = x.as_strided({frames, kernel_ * in}, {stride_ * in, 1}, x.storage_offset()).contiguous();
    return bias_.defined() ? at::addmm(bias_, seen, weight_) : at::mm(seen, weight_);
  }
  // A matrix's rows must not overlap: one product for each step of the stride within the kernel.
  Tensor y;
  for (int64_t first = 0; first < kernel_; first += stride_) {
    const int64_t numbers = std::min(stride_, kernel_ - first) * in;
    const Tensor seen = x.as_strided({frames, numbers}, {stride_ * in, 1}, x.storage_offset() + first * in), weight = weight_.narrow(0, first * in, numbers);
    if (y.defined()) y.addmm_(seen, weight);
    else y = bias_.defined() ? at::addmm(bias_, seen, weight) : at::mm(seen, weight);
  }
  return y;
}

}  // namespace segue
