#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "core/files.h"

namespace segue {

struct ClaimOptions {
  std::chrono::milliseconds beat{10'000};   // a claim is refreshed so often while its work goes on
  std::chrono::milliseconds stale{120'000}; // and belongs to nobody if it was not for so long
  /// Called, on a thread of its own, when another took over a claim that is still held here: this process had stood still.
  /// What was claimed must not be written any more.
  std::function<void(const std::string& name)> lost = {};
};

/// Work that this process has for itself; its file is refreshed while this lives, and gone afterwards.
class Claim {
 public:
  Claim(Path file, std::string name, std::string token, const ClaimOptions& options);
  ~Claim();
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

 private:
  void keep();  // until it is told to stop
  bool refresh(int64_t beat) const;

  Path file_;
  std::string name_, token_;
  ClaimOptions options_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread heart_;
};

/// Shares pieces of work among processes, also of several machines that see one folder: a piece belongs to who made its
/// file, NAME.claim, in it. A file of a process that is known to be dead (of this machine), or that nobody has refreshed
/// for long, is taken over. How long is measured by what was seen here, so clocks may differ, and only while it was looked
/// at again and again: who stood still himself can't say of others that they did nothing.
class Claims {
 public:
  explicit Claims(Path folder, ClaimOptions options = {});
  /// Null where another process has it. name: of a file. Throws Error where the folder can't be written.
  std::unique_ptr<Claim> take(const std::string& name);

 private:
  bool given_up(const std::string& name, const std::string& content);

  Path folder_;
  ClaimOptions options_;
  struct Seen {
    std::string content;
    std::chrono::steady_clock::time_point since, looked;
  };
  std::map<std::string, Seen> seen_;
};

}  // namespace segue
