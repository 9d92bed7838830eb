#pragma once

#include "fusion/fusion.h"

namespace segue {

/// A matrix [out, in] whose product with a vector of length 1 has about length 1.
Tensor even_matrix(int64_t out, int64_t in);

/// How many heads a width can be split into, at most so many.
int64_t heads_of(int64_t width, int64_t most);

/// queries float [n, D], memory float [n, S, D]: attention of one query over S places in several heads. bias: float [n, S]
/// added to every product, or undefined. Returns float [n, D].
Tensor attend(const Tensor& query, const Tensor& keys, const Tensor& values, const Tensor& bias, int64_t heads);

/// The four formulas of the paper (its §5.3, as its code has them).
std::shared_ptr<Fusion> faithful_concat(const Fusion::Options& options, const FusionSizes& sizes);
std::shared_ptr<Fusion> faithful_weighted_sum(const Fusion::Options& options, const FusionSizes& sizes);
std::shared_ptr<Fusion> faithful_cross_attention(const Fusion::Options& options, const FusionSizes& sizes);
std::shared_ptr<Fusion> faithful_film(const Fusion::Options& options, const FusionSizes& sizes);

}  // namespace segue
