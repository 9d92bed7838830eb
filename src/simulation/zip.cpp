#include "simulation/zip.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <stdexcept>

namespace segue::simulation {
namespace {

constexpr time_t packed_at_s = 1735689600;  // 2025-01-01

la_ssize_t append(archive*, void* to, const void* bytes, size_t size) {
  static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

void check(archive* packed, int result) {
  if (result != ARCHIVE_OK) throw std::runtime_error(std::string("zip: ") + archive_error_string(packed));
}

void add(archive* packed, const ZipEntry& file) {
  const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(), archive_entry_free);
  archive_entry_set_pathname(entry.get(), file.name.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(file.bytes.size()));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_mtime(entry.get(), packed_at_s, 0);
  check(packed, archive_write_header(packed, entry.get()));
  const la_ssize_t written = archive_write_data(packed, file.bytes.data(), file.bytes.size());
  if (written != static_cast<la_ssize_t>(file.bytes.size())) throw std::runtime_error("zip: an entry was not written whole");
}

}  // namespace

std::string zip(const std::vector<ZipEntry>& entries) {
  std::string bytes;
  const std::unique_ptr<archive, decltype(&archive_write_free)> packed(archive_write_new(), archive_write_free);
  check(packed.get(), archive_write_set_format_zip(packed.get()));
  check(packed.get(), archive_write_set_bytes_in_last_block(packed.get(), 1));  // no padding
  check(packed.get(), archive_write_open(packed.get(), &bytes, nullptr, append, nullptr));
  for (const ZipEntry& entry : entries) add(packed.get(), entry);
  check(packed.get(), archive_write_close(packed.get()));
  return bytes;
}

}  // namespace segue::simulation
