#include "core/safetensors.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"

namespace segue {
namespace {

constexpr std::pair<std::string_view, Kind> spellings[] = {
    {"F32", Kind::f32}, {"F64", Kind::f64}, {"F16", Kind::f16}, {"BF16", Kind::bf16},
    {"I64", Kind::i64}, {"I32", Kind::i32}, {"I16", Kind::i16}, {"I8", Kind::i8}, {"U8", Kind::u8},
    {"BOOL", Kind::boolean},
};

std::string_view spelling(Kind kind) {
  for (const auto& [text, known] : spellings) {
    if (known == kind) return text;
  }
  throw std::invalid_argument("safetensors: no spelling of this kind");
}

Kind kind_of(std::string_view text, const Path& path, const std::string& name) {
  for (const auto& [known, kind] : spellings) {
    if (known == text) return kind;
  }
  throw Error("{}: array '{}' has numbers of kind '{}', which are not read here", path.string(), name, text);
}

/// Closes a descriptor on every way out.
struct Descriptor {
  int number = -1;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

/// Header of a file: 8 bytes of length, JSON, then the arrays one after the other.
std::string header_of(const std::map<std::string, Array, std::less<>>& arrays, const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header;
  if (!metadata.empty()) header["__metadata__"] = metadata;
  size_t at = 0;
  for (const auto& [name, array] : arrays) {
    header[name] = {{"dtype", spelling(array.kind)}, {"shape", array.shape}, {"data_offsets", {at, at + array.bytes.size()}}};
    at += array.bytes.size();
  }
  std::string text = header.empty() ? "{}" : header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // so that the arrays are aligned
  return text;
}

}  // namespace

size_t bytes_of(Kind kind) {
  switch (kind) {
    case Kind::f64: case Kind::i64: return 8;
    case Kind::f32: case Kind::i32: return 4;
    case Kind::f16: case Kind::bf16: case Kind::i16: return 2;
    default: return 1;
  }
}

int64_t Array::size() const {
  int64_t n = 1;
  for (const int64_t length : shape) n *= length;
  return n;
}

Safetensors::Safetensors(const Path& path) : path_(path) {
  Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat info {};
  if (file.number < 0 || ::fstat(file.number, &info) != 0) throw Error("{}: {}", path.string(), std::strerror(errno));
  const auto size = static_cast<size_t>(info.st_size);
  uint64_t length = 0;
  if (size < sizeof length) throw Error("{}: {} bytes are no safetensors file", path.string(), size);
  map_ = std::make_unique<MappedFile>(path, file.number, size);
  std::memcpy(&length, map_->data(), sizeof length);
  if (length > size - sizeof length) throw Error("{}: not safetensors, or cut short: a header of {} bytes in a file of {}", path.string(), length, size);
  read_header({reinterpret_cast<const char*>(map_->data()) + sizeof length, length}, sizeof length + length);
  file_ = std::exchange(file.number, -1);
}

Safetensors::~Safetensors() { ::close(file_); }

void Safetensors::read(std::string_view name, std::span<std::byte> into) const {
  const auto& bytes = at(name).bytes;
  if (bytes.size() != into.size()) throw std::invalid_argument("Safetensors::read: there is another room than the array needs");
  const auto begin = static_cast<off_t>(bytes.data() - map_->data());
  for (size_t done = 0; done < into.size();) {
    const ssize_t more = ::pread(file_, into.data() + done, into.size() - done, begin + static_cast<off_t>(done));
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) throw Error("{}: array '{}' can't be read any more: {}", path_.string(), name, std::strerror(errno));
    if (more == 0) throw Error("{}: array '{}' can't be read any more: the file has become shorter", path_.string(), name);
    done += static_cast<size_t>(more);
  }
  ::posix_fadvise(file_, begin, static_cast<off_t>(into.size()), POSIX_FADV_DONTNEED);
}

void Safetensors::read_header(std::string_view header, size_t data_begin) {
  const auto json = nlohmann::json::parse(header, nullptr, false);
  if (!json.is_object()) throw Error("{}: not safetensors: its header is no JSON object", path_.string());
  try {
    for (const auto& [name, entry] : json.items()) {
      if (name == "__metadata__") {
        metadata_ = entry.get<std::map<std::string, std::string>>();
        continue;
      }
      Array array{kind_of(entry.at("dtype").get<std::string>(), path_, name), entry.at("shape").get<std::vector<int64_t>>(), {}};
      const auto offsets = entry.at("data_offsets").get<std::array<uint64_t, 2>>();
      const uint64_t room = map_->size() - data_begin;
      if (offsets[0] > offsets[1] || offsets[1] > room) {
        throw Error("{}: cut short: array '{}' ends {} bytes after the header, of which there are {}", path_.string(),
                    name, offsets[1], room);
      }
      uint64_t numbers = 1;
      for (const int64_t n : array.shape) {
        if (n < 0 || (n > 0 && numbers > room / static_cast<uint64_t>(n))) {
          throw Error("{}: array '{}' has an impossible shape", path_.string(), name);
        }
        numbers *= static_cast<uint64_t>(n);
      }
      if (numbers * bytes_of(array.kind) != offsets[1] - offsets[0]) {
        throw Error("{}: array '{}': its shape does not fit its bytes", path_.string(), name);
      }
      array.bytes = {map_->data() + data_begin + offsets[0], offsets[1] - offsets[0]};
      arrays_.emplace(name, std::move(array));
    }
  } catch (const nlohmann::json::exception& bad) {
    throw Error("{}: not safetensors: {}", path_.string(), bad.what());
  }
  refuse_overlaps();
}

void Safetensors::refuse_overlaps() const {
  std::vector<std::pair<std::span<const std::byte>, std::string_view>> all;
  for (const auto& [name, array] : arrays_) {
    if (!array.bytes.empty()) all.emplace_back(array.bytes, name);
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first.data() < b.first.data(); });
  for (size_t i = 1; i < all.size(); ++i) {
    const auto& [before, name] = all[i - 1];
    if (before.data() + before.size() > all[i].first.data()) throw Error("{}: arrays '{}' and '{}' overlap", path_.string(), name, all[i].second);
  }
}

std::vector<std::string> Safetensors::names() const {
  std::vector<std::string> names;
  for (const auto& [name, array] : arrays_) names.push_back(name);
  return names;
}

const Array& Safetensors::at(std::string_view name) const {
  const auto found = arrays_.find(name);
  if (found == arrays_.end()) throw Error("{}: no array '{}' in it", path_.string(), name);
  return found->second;
}

void write_safetensors(const Path& path, const std::map<std::string, Array, std::less<>>& arrays,
                       const std::map<std::string, std::string>& metadata) {
  const std::string header = header_of(arrays, metadata);
  const Path aside = path.string() + ".new";
  const Descriptor file{::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
  const auto put = [&](const void* data, size_t size) {
    const char* from = static_cast<const char*>(data);
    while (size > 0) {
      const ssize_t done = ::write(file.number, from, size);
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) throw Error("{}: {}", path.string(), std::strerror(errno));
      from += done;
      size -= static_cast<size_t>(done);
    }
  };
  if (file.number < 0) throw Error("{}: {}", path.string(), std::strerror(errno));
  try {
    const uint64_t length = header.size();
    put(&length, sizeof length);
    put(header.data(), header.size());
    for (const auto& [name, array] : arrays) put(array.bytes.data(), array.bytes.size());
    if (::fsync(file.number) != 0 || ::rename(aside.c_str(), path.c_str()) != 0) throw Error("{}: {}", path.string(), std::strerror(errno));
  } catch (...) {
    ::unlink(aside.c_str());
    throw;
  }
}

}  // namespace segue
