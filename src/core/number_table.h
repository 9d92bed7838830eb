#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/files.h"
#include "core/table.h"

namespace segue {

/// A Parquet table that somebody else wrote: its columns of text, and those of numbers or of lists of numbers.
struct NumberTable {
  struct Words {
    std::string name;
    Texts values;                 // [rows] empty where null
  };
  struct Numbers {
    std::string name;
    int64_t width = 1;            // numbers in a row: more than 1 for lists, all as long
    std::vector<double> values;   // [rows, width] 0 where not known
    std::vector<uint8_t> known;   // [rows, width] 0 where null or not a finite number
  };
  int64_t rows = 0;
  std::vector<Words> words;
  std::vector<Numbers> numbers;

  const Words* find_words(const std::string& name) const;
  const Numbers* find_numbers(const std::string& name) const;
};

/// Columns of other types are left out. Throws Error: no such file, not Parquet, lists of several lengths in a column.
NumberTable read_number_table(const Path& path);

}  // namespace segue
