#pragma once

#include <chrono>
#include <map>
#include <mutex>

#include "signals/signal.h"

namespace segue {

/// Vectors as they are made, one record after the other at the end of a file of this process, which no other writes to. A
/// record that a kill left half written is not read, so at most the track in work is lost. The file is locked while this
/// lives. Several threads may add.
class RecordWriter {
 public:
  /// folder: of the signal. Throws Error where it can't be written.
  RecordWriter(const Path& folder, const SignalAbout& about);
  ~RecordWriter();
  RecordWriter(const RecordWriter&) = delete;
  RecordWriter& operator=(const RecordWriter&) = delete;

  /// As SignalRows::set(). Throws Error where the disk is full: what was written stays.
  void add(int32_t track, Known known, int64_t content, std::span<const float> vector, const std::string& problem = {});

 private:
  Path path_;
  int64_t width_;
  int file_ = -1;
  int64_t end_ = 0;  // of the last whole record
  std::mutex mutex_;
  std::chrono::steady_clock::time_point synced_;
};

/// The record files of a signal, of all processes, read as they grow.
class RecordFiles {
 public:
  RecordFiles(Path folder, SignalAbout about) : folder_(std::move(folder)), about_(std::move(about)) {}
  /// Adds the records that were written since the last call; false where there were none. Throws Error on a file of another
  /// space.
  bool read_new(SignalRows& into);
  /// Deletes the files that were read and that no process writes to any more.
  void remove_read() const;

 private:
  bool read_new(const Path& file, int64_t& from, SignalRows& into) const;

  Path folder_;
  SignalAbout about_;
  std::map<Path, int64_t> read_to_;
};

}  // namespace segue
