#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/safetensors.h"
#include "core/tensor.h"
#include "layers/frozen_matrix.h"

namespace segue {

/// The weights of a model: one model.safetensors, or shards with their index, mapped into memory.
class Checkpoint {
 public:
  /// Throws Error: neither is there, a shard is missing or damaged, an index that names what a shard has not.
  explicit Checkpoint(const Path& folder);

  std::vector<std::string> names() const;
  /// Throws Error where there is none of this name.
  const Array& array(const std::string& name) const;
  bool has(const std::string& name) const { return file_of_.count(name) != 0; }
  /// Throws Error where there is none of this name, or of another shape.
  const Array& at(const std::string& name, at::IntArrayRef shape) const;
  /// In f32: the mapped memory itself where it is stored so, else a copy. The tensor keeps the file open.
  Tensor tensor(const std::string& name, at::IntArrayRef shape) const;
  /// As it is stored, f32, bf16 or f16: the mapped memory itself.
  Tensor mapped(const std::string& name, at::IntArrayRef shape) const;
  /// A matrix [out, in] of a layer. storage: to be kept in; none: as it was quantised, else in f32. Throws Error besides
  /// where it was quantised otherwise.
  void require_matrix(const std::string& name, int64_t out, int64_t in, std::optional<Storage> storage) const;
  FrozenMatrix matrix(const std::string& name, int64_t out, int64_t in, std::optional<Storage> storage) const;
  /// What its layers were quantised to.
  std::optional<Storage> quantised() const;
  /// The same, but arrays are read from their files into memory of their own, and let go from the system's cache of files.
  Checkpoint copied() const;
  const Path& folder() const { return folder_; }

  /// Names of what belongs to the numbers of a quantised matrix.
  static std::string scale_of(const std::string& name) { return name + ".scale"; }
  static std::string ranges_of(const std::string& name) { return name + ".ranges"; }

 private:
  using File = std::shared_ptr<const Safetensors>;
  Tensor as_it_is(const std::string& name) const;
  void require(const std::string& name, at::IntArrayRef shape, std::initializer_list<Kind> kinds, const char* known) const;

  Path folder_;
  std::map<std::string, File> file_of_;
  bool copies_ = false;
};

/// Tells models apart: a hash of the config, and of the sizes and some thousand bytes here and there of the weights. 16 hex
/// digits. Throws Error where the folder has no config.json.
std::string checkpoint_fingerprint(const Path& folder);

}  // namespace segue
