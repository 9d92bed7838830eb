#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/source.h"

namespace segue {

/// True if a file with these first bytes is a zip, a tar or packed (gzip, bzip2, xz, zstd).
bool looks_packed(std::string_view head);

/// A zip, a tar (plain or packed) or one packed file. Throws Error: damaged, truncated, encrypted, nothing inside.
std::unique_ptr<Source> open_archive(const Path& path);

/// What one packed file unpacks to. Throws Error as open_archive does.
std::unique_ptr<ByteStream> unpack(const Path& path);

}  // namespace segue
