#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/safetensors.h"
#include "core/tensor.h"

namespace segue {

/// The weights of a model: one model.safetensors, or shards with their index, mapped into memory.
class Checkpoint {
 public:
  /// Throws Error: neither is there, a shard is missing or damaged, an index that names what a shard has not.
  explicit Checkpoint(const Path& folder);

  bool has(const std::string& name) const { return file_of_.count(name) != 0; }
  /// Throws Error where there is none of this name, or of another shape.
  const Array& at(const std::string& name, at::IntArrayRef shape) const;
  /// In f32: the mapped memory itself where it is stored so, else a copy. The tensor keeps the file open.
  Tensor tensor(const std::string& name, at::IntArrayRef shape) const;
  const Path& folder() const { return folder_; }

 private:
  using File = std::shared_ptr<const Safetensors>;

  Path folder_;
  std::map<std::string, File> file_of_;
};

/// Tells models apart: a hash of the config, and of the sizes and some thousand bytes here and there of the weights. 16 hex
/// digits. Throws Error where the folder has no config.json.
std::string checkpoint_fingerprint(const Path& folder);

}  // namespace segue
