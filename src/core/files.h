#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace segue {

using Path = std::filesystem::path;

/// The whole file. Throws Error if it can't be read.
std::string read_file(const Path& path);

/// Writes `text` aside, syncs it and renames it over `path`: the file is whole or as it was. Throws Error.
void write_file(const Path& path, std::string_view text);

/// Several files of one folder that change together or not at all.
///
/// Write the new files into `folder()`, then commit(). A commit is one rename of a folder; the moves that follow it
/// are finished by the next Changes (or recover) on the same data if the program dies between them.
/// One writer at a time: a second one throws Error.
class Changes {
 public:
  explicit Changes(const Path& data);
  ~Changes();  // what was not committed is thrown away
  Changes(const Changes&) = delete;
  Changes& operator=(const Changes&) = delete;

  const Path& folder() const { return folder_; }
  void commit();

 private:
  Path data_, folder_;
  int lock_ = -1;
};

/// Finishes the moves of a commit that was interrupted. Readers call it before they open a file of `data`.
void recover(const Path& data);

}  // namespace segue
