#include "language/checkpoint.h"

#include <ATen/ops/from_blob.h>
#include <fmt/ranges.h>

#include <xxhash.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "core/tensor_files.h"

namespace segue {
namespace {

using Json = nlohmann::json;

/// Which file of the folder has which array.
std::map<std::string, std::string> read_index(const Path& path) {
  const Json json = Json::parse(read_file(path), nullptr, false);
  try {
    return json.at("weight_map").get<std::map<std::string, std::string>>();
  } catch (const Json::exception&) {
    throw Error("{}: damaged; it should say in which file each weight is", path.string());
  }
}

}  // namespace

Checkpoint::Checkpoint(const Path& folder) : folder_(folder) {
  const Path single = folder / "model.safetensors", index = folder / "model.safetensors.index.json";
  if (std::filesystem::exists(single)) {
    const auto file = std::make_shared<const Safetensors>(single);
    for (const auto& name : file->names()) file_of_.emplace(name, file);
    return;
  }
  if (!std::filesystem::exists(index)) throw Error("{}: no weights here; model.safetensors, or shards with model.safetensors.index.json, would work", folder.string());
  std::map<std::string, File> shards;
  for (const auto& [name, in] : read_index(index)) {
    const Path path = folder / in;
    if (Path(in).has_parent_path() || !std::filesystem::exists(path)) throw Error("{}: names a shard '{}' that is not beside it", index.string(), in);
    auto& shard = shards[in];
    if (shard == nullptr) shard = std::make_shared<const Safetensors>(path);
    if (!shard->has(name)) throw Error("{}: says that {} has '{}', which it has not", index.string(), in, name);
    file_of_.emplace(name, shard);
  }
}

const Array& Checkpoint::at(const std::string& name, at::IntArrayRef shape) const {
  const auto found = file_of_.find(name);
  if (found == file_of_.end()) throw Error("{}: its weights have no '{}'", folder_.string(), name);
  const Array& array = found->second->at(name);
  if (at::IntArrayRef(array.shape) != shape) {
    throw Error("{}: '{}' is [{}], but its config.json says [{}]", found->second->path().string(), name, fmt::join(array.shape, ", "), fmt::join(shape, ", "));
  }
  if (array.kind != Kind::f32 && array.kind != Kind::bf16 && array.kind != Kind::f16) {
    throw Error("{}: '{}' is not stored in f32, bf16 or f16", found->second->path().string(), name);
  }
  return array;
}

Tensor Checkpoint::tensor(const std::string& name, at::IntArrayRef shape) const {
  const Array& array = at(name, shape);
  const bool aligned = reinterpret_cast<std::uintptr_t>(array.bytes.data()) % alignof(float) == 0;
  if (array.kind != Kind::f32 || !aligned) return tensor_of(array).to(at::kFloat);
  // Nothing writes to a frozen weight; from_blob knows no memory that is only read.
  auto* const data = const_cast<std::byte*>(array.bytes.data());
  return at::from_blob(data, shape, [file = file_of_.at(name)](void*) {}, at::TensorOptions(at::kFloat));
}

std::string checkpoint_fingerprint(const Path& folder) {
  if (!std::filesystem::exists(folder / "config.json")) throw Error("{}: no language model here (it has no config.json)", folder.string());
  std::set<Path> files;  // by name
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".safetensors") files.insert(entry.path());
  }
  std::string seen = read_file(folder / "config.json");
  for (const Path& path : files) {
    constexpr int64_t pieces = 64, length = 4096;
    const auto size = static_cast<int64_t>(std::filesystem::file_size(path));
    seen += fmt::format("\n{} {}\n", path.filename().string(), size);
    std::ifstream file(path, std::ios::binary);
    std::string piece(static_cast<size_t>(std::min(length, size)), '\0');
    for (int64_t i = 0; i < pieces; ++i) {
      file.seekg((size - std::ssize(piece)) * i / (pieces - 1));
      if (!file.read(piece.data(), std::ssize(piece))) throw Error("{}: can't be read", path.string());
      seen += piece;
    }
  }
  return fmt::format("{:016x}", XXH3_64bits(seen.data(), seen.size()));
}

}  // namespace segue
