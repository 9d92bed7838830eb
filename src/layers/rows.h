#pragma once

#include "core/tensor.h"

namespace segue {

/// Rows of a table by place, a row of zeros where the place is -1: float [n, D], int64 [...] → float [..., D]. As
/// at::embedding, but on the CPU the gradient is added up in one loop, where libtorch begins an operation for each row.
Tensor rows_of(const Tensor& table, const Tensor& places);

/// The places of one of several parts of a table: place % parts == part. Parts can be added up side by side.
struct PlacesPart {
  int64_t part = 0, parts = 1;
};

/// into float [n, D] += rows float [m, D], each at its place of int64 [m], in their order; those at -1 are passed over.
void add_rows(const Tensor& into, const Tensor& places, const Tensor& rows, PlacesPart of = {});

}  // namespace segue
