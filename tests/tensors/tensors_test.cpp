#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/sum.h>
#include <gtest/gtest.h>

#include "core/table.h"
#include "support/scratch.h"

namespace segue {
namespace {

TEST(Tensors, SeeAColumnOfATableWithoutACopy) {
  const Scratch scratch;
  write_table(scratch / "t.parquet", {{"x", std::vector<float>{1, 2, 3.5}, {}}});
  Table table = read_table(scratch / "t.parquet");
  auto& column = values<float>(table, "x");
  const at::Tensor tensor = at::from_blob(column.data(), {3}, at::kFloat);
  EXPECT_EQ(tensor.sum().item<float>(), 6.5f);
  column[0] = 2;
  EXPECT_EQ(tensor.sum().item<float>(), 7.5f);
}

}  // namespace
}  // namespace segue
