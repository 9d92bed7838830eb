#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <string>
#include <vector>

#include "core/tensor.h"

namespace segue {

/// The vectors by which tracks are read and scored: [N, width].
///
/// For now a track is its row in a table of ids. Tracks that no play of the training part has have no row: nothing is
/// known of them, and their vector is 0. Content joins here.
class ItemVectors : public torch::nn::Module {
 public:
  struct Options {
    int64_t width = 64;
    bool unit = true;  // vectors have length 1, so that scores are cosines
    std::string from;  // a run whose vectors they begin as; of tracks that it does not know nothing is known then
    bool frozen = false;  // they stay as they are
    template <class V>
    void fields(V&& field) {
      field("width", width);
      field("unit", unit);
      field("from", from);
      field("frozen", frozen);
    }
  };
  /// row: [N] of each track in the table, -1 where it has none; rows: of the table.
  ItemVectors(const Options& options, std::vector<int32_t> row, int64_t rows);

  /// The vectors of some tracks in one step: gradients of the table stay as small as the step.
  struct Drawn {
    Tensor rows;     // int64 [n] rows of the table, -1 → 0 with `known` false
    Tensor known;    // float [n, 1]
    Tensor leaf;     // float [n, width] copies of the rows; their gradient is the table's
    Tensor vectors;  // float [n, width]
  };
  Drawn of(const std::vector<int32_t>& tracks, bool learns) const;
  /// float [N, width] of all tracks, without gradient.
  Tensor all() const;

  int64_t width() const { return options_.width; }
  int64_t tracks() const { return static_cast<int64_t>(row_.size()); }
  bool has(int32_t track) const { return row_[static_cast<size_t>(track)] >= 0; }
  bool learns() const { return !options_.frozen; }
  Tensor& table() { return table_; }
  at::TensorOptions table_options() const { return table_.options(); }

 private:
  Tensor shaped(const Tensor& rows) const;

  Options options_;
  std::vector<int32_t> row_;
  Tensor table_;  // [rows, width]
};

}  // namespace segue
