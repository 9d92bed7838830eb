#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/files.h"

namespace segue {

enum class Packing { zip, encrypted_zip, tar, tar_gz, gz };

/// Writes files into an archive, in the order given (gz: the one file).
inline void write_archive(const Path& path, Packing packing,
                          const std::vector<std::pair<std::string, std::string>>& files) {
  archive* out = archive_write_new();
  if (packing == Packing::tar_gz || packing == Packing::gz) archive_write_add_filter_gzip(out);
  if (packing == Packing::zip || packing == Packing::encrypted_zip) archive_write_set_format_zip(out);
  else if (packing == Packing::gz) archive_write_set_format_raw(out);
  else archive_write_set_format_ustar(out);
  if (packing == Packing::encrypted_zip) {
    archive_write_set_options(out, "zip:encryption=traditional");
    archive_write_set_passphrase(out, "secret");
  }
  if (archive_write_open_filename(out, path.c_str()) != ARCHIVE_OK) throw std::runtime_error(archive_error_string(out));
  for (const auto& [name, text] : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname_utf8(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(text.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(out, entry);
    archive_write_data(out, text.data(), text.size());
    archive_entry_free(entry);
  }
  archive_write_close(out);
  archive_write_free(out);
}

/// Replaces every place where a zip says how long its file is.
inline std::string with_size(std::string zip, uint32_t before, uint32_t after) {
  const auto bytes = [](uint32_t n) {
    return std::string{static_cast<char>(n), static_cast<char>(n >> 8), static_cast<char>(n >> 16), static_cast<char>(n >> 24)};
  };
  for (size_t at = 0; (at = zip.find(bytes(before), at)) != std::string::npos; at += 4) zip.replace(at, 4, bytes(after));
  return zip;
}

}  // namespace segue
