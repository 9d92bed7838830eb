#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace segue {

/// A column of a table of a release.
struct ReleasedColumn {
  std::string name;
  std::string type;   // int8, int32, int64, float, bool, string; with ? where it may be null
  std::string about;  // what it says, with its unit

  std::string_view plain_type() const { return std::string_view(type).substr(0, type.find('?')); }
};

struct ReleasedTable {
  std::string name;   // of its file without the ending
  std::string about;
  std::vector<ReleasedColumn> columns;
};

/// The tables of the data folder itself, of each protocol, and of a signal of genes: what a card says of their columns.
const std::vector<ReleasedTable>& log_tables();
const std::vector<ReleasedTable>& protocol_tables();
const ReleasedTable& gene_values_table();

/// The table of a file of a release ("plays.parquet", "protocols/segue/cases.parquet"); null where it is none.
const ReleasedTable* table_of(const std::string& file);

}  // namespace segue
