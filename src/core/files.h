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
/// are finished by the next Changes or Reading on the same data if the program dies between them.
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

/// Keeps writers away while the files of a folder are read together, after finishing a commit that was interrupted.
/// Throws Error if somebody is writing there. Folders that nobody ever wrote to, or that may not be locked, are read as
/// they are.
class Reading {
 public:
  explicit Reading(const Path& data);
  ~Reading();
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

 private:
  int lock_ = -1;
};

}  // namespace segue
