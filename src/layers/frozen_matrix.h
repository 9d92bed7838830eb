#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/registry.h"
#include "core/tensor.h"

namespace segue {

struct WholeNumbers;

/// How the numbers of a frozen matrix are kept.
enum class Storage {
  f32,
  bf16,  // or f16, where the checkpoint has it
  int8,  // whole numbers within ±127 and a scale for each row
  nf4,   // NormalFloat-4 (Dettmers et al., 2023, arXiv:2305.14314): 4 bits, a scale of 8 bits for each 64 numbers, and two
         // numbers for each 256 scales. Differs from the paper: blocks don't cross rows, scales are evenly spaced
};
const Registry<Storage>& storages();
std::string name_of(Storage storage);
/// Of that name; none where it is empty. Throws Error on another word.
std::optional<Storage> storage_named(const std::string& name);

/// A matrix [out, in] that stays as it is, in little room. It multiplies on the CPU without being unpacked as a whole; what
/// meets int8 or nf4 there is rounded to 16 bits in blocks of 256 numbers, which costs less than 1e-4 of a result.
class FrozenMatrix {
 public:
  struct Parts {
    Tensor numbers;      // float or bfloat16 [out, in]; int8 [out, P]; nf4: uint8 [out, P / 2]. P: in, up to a multiple of 64
    Tensor scale = {};   // int8: float [out]; nf4: uint8 [out, P / 64]
    Tensor ranges = {};  // nf4: float [⌈out · P / 64 / 256⌉, 2], the least scale and the step
  };

  /// Shapes of the parts of a matrix; empty where there is none.
  struct Sizes {
    Sizes(Storage storage, int64_t out, int64_t in);
    std::vector<int64_t> numbers, scale, ranges;
  };

  FrozenMatrix() = default;
  /// weight: any floating-point [out, in]. Kept as it is where it is stored so already.
  FrozenMatrix(const Tensor& weight, Storage storage);
  FrozenMatrix(const Tensor& weight) : FrozenMatrix(weight, Storage::f32) {}  // NOLINT: a matrix is one of f32
  /// Parts as they were kept.
  FrozenMatrix(Storage storage, int64_t in, Parts parts);

  bool defined() const { return parts_.numbers.defined(); }
  Storage storage() const { return storage_; }
  int64_t out() const { return parts_.numbers.size(0); }
  int64_t in() const { return in_; }
  const Parts& parts() const { return parts_; }
  int64_t bytes() const;
  at::TensorOptions options() const { return at::TensorOptions(parts_.numbers.device()).dtype(at::kFloat); }  // of what it multiplies

  /// x [n, in] → x Wᵀ + bias [n, out]; records no gradient but where storage is f32. bias: [out], or undefined.
  Tensor product(const Tensor& x, const Tensor& bias = {}) const;
  /// slope [n, out] → slope W [n, in]; records no gradient.
  Tensor product_back(const Tensor& slope) const;
  /// The numbers themselves, float [out, in].
  Tensor numbers() const;
  /// The same on the CPU, some rows at a time: calls job(begin, float [m, in]) for one piece after the other.
  void in_pieces(const std::function<void(int64_t begin, const Tensor& rows)>& job) const;

  void to(const at::TensorOptions& options);

 private:
  bool has_kernel(const Tensor& x) const;
  Tensor product_whole(const Tensor& x, const Tensor& bias) const;
  void few_products(const WholeNumbers& x, int64_t n, float* y) const;
  void many_products(const WholeNumbers& x, int64_t n, float* y) const;
  Tensor started(const Tensor& x, const Tensor& bias) const;
  Tensor few_products_bf16(const Tensor& x, const Tensor& bias) const;
  Tensor product_bf16(const Tensor& x, const Tensor& bias) const;
  Tensor unpacked(int64_t begin, int64_t end) const;  // float [end - begin, in], on the CPU

  Storage storage_ = Storage::f32;
  int64_t in_ = 0;
  Parts parts_;
};

}  // namespace segue
