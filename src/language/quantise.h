#pragma once

#include "core/files.h"
#include "layers/frozen_matrix.h"

namespace segue {

struct Quantised {
  int64_t layers = 0, matrices = 0;
  int64_t bytes_before = 0, bytes_after = 0;  // of these matrices
  double relative_error = 0;                  // √ of Σ (kept − original)² / Σ original², over all their numbers
};

/// Writes the model of a folder into another, in the same layout, with the matrices of its layers kept in int8 or nf4; all else,
/// its tokenizer too, is as it was. A layer at a time is held in memory and is a file of its own, which appears whole: what
/// was stopped goes on from there. The new folder knows which model it was made from: runs and adapters of that fit it.
/// Throws Error: not a model, one that is quantised already, a folder with something else in it, a full disk.
Quantised quantise(const Path& from, const Path& into, Storage storage);

}  // namespace segue
