#include "language/checkpoint.h"

#include <ATen/ops/empty.h>
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

std::optional<Storage> storage_of(Kind kind) {
  if (kind == Kind::i8) return Storage::int8;
  if (kind == Kind::u8) return Storage::nf4;
  return std::nullopt;
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

std::vector<std::string> Checkpoint::names() const {
  std::vector<std::string> names;
  for (const auto& [name, file] : file_of_) names.push_back(name);
  return names;
}

const Array& Checkpoint::array(const std::string& name) const {
  const auto found = file_of_.find(name);
  if (found == file_of_.end()) throw Error("{}: its weights have no '{}'", folder_.string(), name);
  return found->second->at(name);
}

void Checkpoint::require(const std::string& name, at::IntArrayRef shape, std::initializer_list<Kind> kinds, const char* known) const {
  const Array& array = this->array(name);
  const std::string file = file_of_.at(name)->path().string();
  if (at::IntArrayRef(array.shape) != shape) {
    throw Error("{}: '{}' is [{}], but its config.json says [{}]", file, name, fmt::join(array.shape, ", "), fmt::join(shape, ", "));
  }
  if (std::find(kinds.begin(), kinds.end(), array.kind) == kinds.end()) throw Error("{}: '{}' is not stored in {}", file, name, known);
}

const Array& Checkpoint::at(const std::string& name, at::IntArrayRef shape) const {
  require(name, shape, {Kind::f32, Kind::bf16, Kind::f16}, "f32, bf16 or f16");
  return array(name);
}

Tensor Checkpoint::as_it_is(const std::string& name) const {
  const Array& array = this->array(name);
  const auto& file = file_of_.at(name);
  if (copies_) {
    const Tensor copy = at::empty(array.shape, at::TensorOptions(type_of(array.kind)));
    file->read(name, {static_cast<std::byte*>(copy.mutable_data_ptr()), copy.nbytes()});
    return copy;
  }
  if (reinterpret_cast<std::uintptr_t>(array.bytes.data()) % bytes_of(array.kind) != 0) return tensor_of(array);
  // Nothing writes to a frozen weight; from_blob knows no memory that is only read.
  auto* const data = const_cast<std::byte*>(array.bytes.data());
  return at::from_blob(data, array.shape, [file](void*) {}, at::TensorOptions(type_of(array.kind)));
}

Tensor Checkpoint::mapped(const std::string& name, at::IntArrayRef shape) const {
  at(name, shape);
  return as_it_is(name);
}

Tensor Checkpoint::tensor(const std::string& name, at::IntArrayRef shape) const { return mapped(name, shape).to(at::kFloat); }

std::optional<Storage> Checkpoint::quantised() const {
  for (const auto& [name, file] : file_of_) {
    if (const auto kept = storage_of(file->at(name).kind)) return kept;
  }
  return std::nullopt;
}

Checkpoint Checkpoint::copied() const {
  Checkpoint other(*this);
  other.copies_ = true;
  return other;
}

void Checkpoint::require_matrix(const std::string& name, int64_t out, int64_t in, std::optional<Storage> storage) const {
  const Kind kind = array(name).kind;
  const auto kept = storage_of(kind);
  if (!kept) {
    at(name, {out, in});
    return;
  }
  if (storage.value_or(*kept) != *kept) {
    throw Error("{}: is quantised to {}, of which {} can't be made; the model that it was made from would do", folder_.string(), name_of(*kept), name_of(*storage));
  }
  const FrozenMatrix::Sizes sizes(*kept, out, in);
  require(name, sizes.numbers, {kind}, "what its scales are for");
  require(scale_of(name), sizes.scale, {kept == Storage::int8 ? Kind::f32 : Kind::u8}, "the kind of scales that it needs");
  if (kept == Storage::nf4) require(ranges_of(name), sizes.ranges, {Kind::f32}, "f32");
}

FrozenMatrix Checkpoint::matrix(const std::string& name, int64_t out, int64_t in, std::optional<Storage> storage) const {
  require_matrix(name, out, in, storage);
  const auto kept = storage_of(array(name).kind);
  if (!kept) {
    const Tensor weight = as_it_is(name);
    const Storage wanted = storage.value_or(Storage::f32);
    if ((wanted == Storage::int8 || wanted == Storage::nf4) && !weight.isfinite().all().item<bool>()) {
      throw Error("{}: '{}' has numbers that are not finite, which can't be kept in {}", file_of_.at(name)->path().string(), name, name_of(wanted));
    }
    return {weight, wanted};
  }
  return {*kept, in, {as_it_is(name), as_it_is(scale_of(name)), kept == Storage::nf4 ? as_it_is(ranges_of(name)) : Tensor()}};
}

std::string checkpoint_fingerprint(const Path& folder) {
  if (!std::filesystem::exists(folder / "config.json")) throw Error("{}: no language model here (it has no config.json)", folder.string());
  const Json config = Json::parse(read_file(folder / "config.json"), nullptr, false);
  if (config.is_object() && config.contains("segue")) return config.value("/segue/of"_json_pointer, "");  // quantised: of what it was made from
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
