#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/files.h"
#include "support/scratch.h"

namespace segue {

/// What a run of the program left behind.
struct Ran {
  int code = -1;   // exit code; 128 + the signal that ended it
  std::string out, err;

  /// stdout, which must be one JSON document.
  nlohmann::json json() const { return nlohmann::json::parse(out); }
};

struct Setting {
  Path folder = {};                    // where it runs; empty: here
  std::function<void()> prepare = {};  // what the child does before the program starts, e.g. limits
  Path program = SEGUE_PROGRAM;
};

/// The program running on its own: wait() or kill() it.
class Running {
 public:
  explicit Running(const std::vector<std::string>& arguments, const Setting& how = {}) {
    const Path out = scratch_ / "out", err = scratch_ / "err";
    std::vector<std::string> words{how.program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const int to_out = ::open(out.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    const int to_err = ::open(err.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    process_ = ::fork();
    if (process_ < 0) throw std::runtime_error("fork failed");
    if (process_ > 0) {
      for (const int file : {to_out, to_err, nothing}) ::close(file);
      return;
    }
    ::dup2(nothing, 0);
    ::dup2(to_out, 1);
    ::dup2(to_err, 2);
    if (!how.folder.empty() && ::chdir(how.folder.c_str()) != 0) ::_exit(126);
    if (how.prepare) how.prepare();
    ::execv(how.program.c_str(), argv.data());
    ::_exit(127);
  }
  ~Running() {
    if (process_ > 0) kill();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  Ran wait() {
    int status = 0;
    ::waitpid(process_, &status, 0);
    process_ = 0;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return {code, read_file(scratch_ / "out"), read_file(scratch_ / "err")};
  }
  /// As a power cut would: nothing of the program's own runs any more.
  Ran kill() {
    ::kill(process_, SIGKILL);
    return wait();
  }

 private:
  Scratch scratch_;
  pid_t process_ = 0;
};

/// Runs the program to its end.
inline Ran segue_program(const std::vector<std::string>& arguments, const Path& folder = {},
                         const std::function<void()>& prepare = {}) {
  return Running(arguments, {.folder = folder, .prepare = prepare}).wait();
}
/// As on a full disk: the child may write no file longer than that.
inline std::function<void()> files_of_at_most(rlim_t bytes) {
  return [bytes] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit most{bytes, bytes};
    ::setrlimit(RLIMIT_FSIZE, &most);
  };
}
/// A copy of it.
inline Ran run_program(const Path& program, const std::vector<std::string>& arguments) {
  return Running(arguments, {.program = program}).wait();
}

/// A made-up world of that many plays, without sounds.
inline void make_world(const Path& folder, int listeners, int plays) {
  const auto made = segue_program({"simulate", "--into", folder.string(), "--listeners", std::to_string(listeners), "--plays", std::to_string(plays),
                                   "--tracks", "300", "--audio-tracks", "0", "--extended-listeners", "1", "--quiet"});
  if (made.code != 0) throw std::runtime_error(made.err);
}

}  // namespace segue
