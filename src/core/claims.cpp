#include "core/claims.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "core/error.h"

namespace segue {
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

std::string text_of(const Path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

/// This start of this machine, as seen by this process: within it a process number means one process.
std::string machine() {
  std::error_code failed;
  const auto names = std::filesystem::read_symlink("/proc/self/ns/pid", failed).string();
  std::string boot = text_of("/proc/sys/kernel/random/boot_id");
  boot.resize(boot.find_last_not_of('\n') + 1);
  return boot.empty() || failed ? std::string() : boot + " " + names;
}

/// When a process began, in ticks since the machine did; empty where there is none.
std::string beginning(int64_t process) {
  const std::string stat = text_of(Path("/proc") / std::to_string(process) / "stat");
  const size_t name_ends = stat.rfind(')');  // a name may hold blanks
  if (name_ends == std::string::npos) return {};
  std::istringstream fields(stat.substr(name_ends + 1));
  std::string field;
  for (int i = 0; i < 20; ++i) fields >> field;
  return field;
}

std::string new_token() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}{:08x}", device(), device(), device());
}

std::string content_of(const std::string& token, int64_t beat) {
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  return Json{{"token", token}, {"beat", beat}, {"host", host}, {"machine", machine()}, {"process", ::getpid()}, {"began", beginning(::getpid())}}.dump(
             1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string token_of(const std::string& content) {
  const auto json = Json::parse(content, nullptr, false);
  return json.is_object() ? json.value("token", "") : "";
}

bool is_dead(const std::string& content) {
  const auto json = Json::parse(content, nullptr, false);
  if (!json.is_object()) return false;
  const std::string here = machine();
  if (here.empty() || json.value("machine", "") != here) return false;
  return beginning(json.value("process", int64_t{0})) != json.value("began", "");
}

/// True if the file was not there and now is.
bool create(const Path& file, const std::string& content) {
  const int made = ::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
  if (made < 0 && errno == EEXIST) return false;
  if (made < 0) throw Error("{}: {}", file.string(), std::strerror(errno));
  const auto written = ::write(made, content.data(), content.size());
  ::close(made);
  if (written == static_cast<ssize_t>(content.size())) return true;
  ::unlink(file.c_str());
  throw Error("{}: can't be written; is the disk full?", file.string());
}

/// Between reading a claim and replacing it nobody else may do the same.
class Locked {
 public:
  explicit Locked(const Path& folder) : file_(::open((folder / ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666)) {
    if (file_ < 0) throw Error("{}: {}", (folder / ".lock").string(), std::strerror(errno));
    while (::flock(file_, LOCK_EX) < 0) {
      if (errno == EINTR) continue;
      const int failed = errno;
      ::close(file_);
      throw Error("{}: {}; work can be shared only in a folder whose files can be locked", folder.string(), std::strerror(failed));
    }
  }
  ~Locked() { ::close(file_); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  int file_;
};

}  // namespace

Claim::Claim(Path file, std::string name, std::string token, const ClaimOptions& options)
    : file_(std::move(file)), name_(std::move(name)), token_(std::move(token)), options_(options), heart_([this] { keep(); }) {}

Claim::~Claim() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  heart_.join();
  try {
    const Locked locked(file_.parent_path());
    if (token_of(text_of(file_)) == token_) std::filesystem::remove(file_);
  } catch (const std::exception&) {  // then it becomes stale
  }
}

bool Claim::refresh(int64_t beat) const {
  const Locked locked(file_.parent_path());
  if (token_of(text_of(file_)) != token_) return false;
  write_file(file_, content_of(token_, beat));
  return true;
}

void Claim::keep() {
  for (int64_t beat = 1;; ++beat) {
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, options_.beat, [this] { return stop_; })) return;
    lock.unlock();
    try {
      if (refresh(beat)) continue;
    } catch (const std::exception&) {  // a full disk, a network that is away: the next beat tries again
      continue;
    }
    if (options_.lost) options_.lost(name_);
    return;
  }
}

Claims::Claims(Path folder, ClaimOptions options) : folder_(std::move(folder)), options_(std::move(options)) {
  std::error_code failed;
  std::filesystem::create_directories(folder_, failed);
  if (failed) throw Error("{}: can't be made: {}", folder_.string(), failed.message());
}

bool Claims::given_up(const std::string& name, const std::string& content) {
  // Files are made under the lock of the folder: one without a token was left half written by who died holding it.
  if (token_of(content).empty() || is_dead(content)) return true;
  const auto now = Clock::now();
  auto [at, first] = seen_.try_emplace(name, Seen{content, now, now});
  auto& seen = at->second;
  if (!first && (seen.content != content || now - seen.looked > options_.stale / 2)) seen = {content, now, now};
  seen.looked = now;
  return now - seen.since >= options_.stale;
}

std::unique_ptr<Claim> Claims::take(const std::string& name) {
  const Path file = folder_ / (name + ".claim");
  const std::string token = new_token();
  const auto mine = [&] { return std::make_unique<Claim>(file, name, token, options_); };
  const Locked locked(folder_);
  if (create(file, content_of(token, 0))) return mine();
  if (!given_up(name, text_of(file))) return nullptr;
  write_file(file, content_of(token, 0));
  seen_.erase(name);
  return mine();
}

}  // namespace segue
