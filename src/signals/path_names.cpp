#include "signals/path_names.h"

#include <algorithm>
#include <cctype>

namespace segue {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '-')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '-')) text.remove_suffix(1);
  return text;
}

/// "03 Title", "03. Title", "03 - Title", "1-03 Title"; a title that is a number stays.
std::string_view without_number(std::string_view stem) {
  size_t i = 0;
  const auto digits = [&] {
    const size_t begin = i;
    while (i < stem.size() && std::isdigit(static_cast<unsigned char>(stem[i])) != 0) ++i;
    return i - begin;
  };
  const size_t first = digits();
  if (first == 0 || first > 3) return stem;
  if (i < stem.size() && stem[i] == '-' && first == 1) {
    ++i;
    if (digits() == 0) return stem;
  }
  if (i < stem.size() && (stem[i] == '.' || stem[i] == ')')) ++i;
  if (i == stem.size() || (stem[i] != ' ' && stem[i] != '-')) return stem;
  const auto rest = trimmed(stem.substr(i));
  return rest.empty() ? stem : rest;
}

}  // namespace

PathNames path_names(const Path& path, const Path& root) {
  std::string stem = path.stem().string();
  if (stem.find(' ') == std::string::npos) std::replace(stem.begin(), stem.end(), '_', ' ');
  const auto bare = without_number(trimmed(stem));
  if (const size_t dash = bare.find(" - "); dash != std::string_view::npos) {
    const auto artist = trimmed(bare.substr(0, dash)), title = trimmed(bare.substr(dash + 3));
    if (!artist.empty() && !title.empty()) return {std::string(artist), std::string(without_number(title))};
  }
  const Path below = path.lexically_relative(root).parent_path();
  const auto folders = std::distance(below.begin(), below.end());
  std::string artist;
  if (folders >= 2) artist = std::prev(below.end(), 2)->string();
  else if (folders == 1 && below != ".") artist = below.string();
  else if (folders == 0 || below == ".") artist = root.filename().string();
  return {artist, std::string(bare)};
}

}  // namespace segue
