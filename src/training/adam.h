#pragma once

#include <map>
#include <string>

#include "core/tensor.h"
#include "core/tensor_files.h"

namespace segue {

/// AdamW (Loshchilov & Hutter, 2019, arXiv:1711.05101) over named parameters, and over the rows of some tables that a step
/// touched. Differs for the tables: moments and weights of rows that a step did not touch stay as they are, and each row
/// counts its own steps.
class Adam {
 public:
  struct Options {
    double rate = 1e-3;
    double table_rate = 3e-2;  // of the rows of tables: a rare track is touched a few times only
    double beta_1 = 0.9, beta_2 = 0.98;
    double epsilon = 1e-8;
    double decay = 0.01;       // of weights, not of vectors (biases, norms, positions by themselves are not decayed)
    double table_decay = 0.0;  // of the rows of the table
    double clip = 1.0;         // the gradient's length is cut to it; 0: it is not
    template <class V>
    void fields(V&& field) {
      field("rate", rate);
      field("table_rate", table_rate);
      field("beta_1", beta_1);
      field("beta_2", beta_2);
      field("epsilon", epsilon);
      field("decay", decay);
      field("table_decay", table_decay);
      field("clip", clip);
    }
  };
  /// tables: by name, float [rows, D].
  Adam(const Options& options, NamedTensors parameters, const NamedTensors& tables);

  /// The rows of a table that a step touched.
  struct Touched {
    Tensor rows;   // int64 [n] distinct
    Tensor slope;  // float [n, D]
  };
  /// One step at `rate` times the share `of_rate`; gradients of parameters are taken and cleared. touched: by name of the
  /// table. Returns the length of the gradient before it was cut: not finite where the step was not taken.
  double step(double of_rate, const std::map<std::string, Touched>& touched);

  /// Moments and counts, to be kept in a checkpoint; shared, so that reading into them restores the state.
  NamedTensors state() const;

 private:
  struct Table {
    Tensor weights, first, second, steps;  // float [rows, D] three times, [rows]
  };
  void step_rows(Table& table, double rate, const Touched& touched) const;       // by operations
  void step_rows_here(Table& table, double rate, const Touched& touched) const;  // on the CPU, in one pass over each row

  Options options_;
  NamedTensors parameters_, first_, second_;
  Tensor steps_;  // float []
  std::map<std::string, Table> tables_;
};

}  // namespace segue
