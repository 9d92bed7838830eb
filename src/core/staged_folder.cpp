#include "core/staged_folder.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/error.h"

namespace segue {
namespace {

namespace fs = std::filesystem;

Path beside(const Path& into, std::string_view what) {
  return into.parent_path() / fmt::format(".{}.{}", into.filename().string(), what);
}

}  // namespace

StagedFolder::StagedFolder(const Path& into, std::string_view mark, bool overwrite) {
  if (into.empty()) throw Error("the folder has no name; name a new one");
  into_ = fs::absolute(into).lexically_normal();
  if (!into_.has_filename()) into_ = into_.parent_path();  // DIR/ is DIR
  if (!into_.has_filename()) throw Error("{}: can't be replaced; name a new folder", into.string());
  if (fs::exists(into_) && !fs::is_directory(into_)) throw Error("{}: is a file; name a new folder", into.string());
  if (fs::exists(into_) && !fs::is_empty(into_)) {
    const bool ours = fs::exists(into_ / mark);
    if (!ours) throw Error("{}: holds other files; name a new folder", into.string());
    if (!overwrite) throw Error("{}: holds an older one; name a new folder, or add --overwrite", into.string());
  }
  aside_ = beside(into_, "tmp");
  std::error_code failed;
  fs::remove_all(aside_, failed);  // of a run that was killed
  if (!failed) fs::create_directories(aside_, failed);
  if (failed) throw Error("{}: can't be made: {}", aside_.string(), failed.message());
}

StagedFolder::~StagedFolder() {
  std::error_code ignored;
  fs::remove_all(aside_, ignored);
}

void StagedFolder::write(const Path& name, std::string_view bytes) {
  const Path path = aside_ / name;
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) throw Error("{}: can't be written: {}", path.string(), std::strerror(errno));
  ++files_;
  bytes_ += static_cast<int64_t>(bytes.size());
}

void StagedFolder::commit() {
  const Path old = beside(into_, "old");
  std::error_code failed;
  fs::remove_all(old, failed);
  if (fs::exists(into_)) fs::rename(into_, old, failed);
  if (!failed) fs::rename(aside_, into_, failed);
  if (failed) throw Error("{}: can't be put in place: {}", into_.string(), failed.message());
  fs::remove_all(old, failed);
}

}  // namespace segue
