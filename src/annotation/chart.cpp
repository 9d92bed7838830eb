#include "annotation/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/console.h"

namespace segue {
namespace {

constexpr size_t columns = 80, name_width = 29, bar_width = 20;
constexpr size_t bar_at = 2 + name_width + 1;            // "  Tempo      █████"
constexpr size_t remark_at = bar_at + bar_width + 1 + 3 + 2;  // "██████  2.5  remark"

struct Signs {
  std::array<const char*, 9> parts;  // of a column, in eighths
  const char* nothing;
  const char* cut;
  size_t cut_width;
};
const Signs blocks{{" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"}, "–", "…", 1};
const Signs letters{{" ", " ", " ", " ", "#", "#", "#", "#", "#"}, "-", "...", 3};

std::string bar(double value, const Signs& signs) {
  const auto eighths = static_cast<size_t>(std::lround(std::clamp(value / gene_most, 0.0, 1.0) * 8 * bar_width));
  std::string text;
  for (size_t i = 0; i < bar_width; ++i) text += signs.parts[std::min<size_t>(8, eighths - std::min(eighths, 8 * i))];
  return text;
}

/// The text in so many columns; what is not ASCII may take two.
std::string fitted(const std::string& raw, size_t width, const Signs& signs, bool ascii) {
  const std::string text = printable(raw);
  std::string out;
  size_t used = 0, fits = 0;  // fits: bytes of `out` before which the sign of a cut has room
  for (size_t at = 0; at < text.size();) {
    size_t length = 1;
    while (at + length < text.size() && (text[at + length] & 0xC0) == 0x80) ++length;
    const bool plain = static_cast<unsigned char>(text[at]) < 0x80;
    used += plain || ascii ? 1 : 2;
    if (used > width) return out.substr(0, fits) + signs.cut;
    out += plain || !ascii ? text.substr(at, length) : "?";
    if (used + signs.cut_width <= width) fits = out.size();
    at += length;
  }
  return out;
}

std::string line(const Gene& gene, const std::optional<float>& value, const std::string& remark, bool ascii) {
  const Signs& signs = ascii ? letters : blocks;
  std::string text = fmt::format("  {:<{}} ", gene.name, name_width);
  if (!value) {
    text += signs.nothing;
    return remark.empty() ? text : fmt::format("{} {}", text, fitted(remark, columns - bar_at - 2, signs, ascii));
  }
  if (!std::isfinite(*value)) throw std::invalid_argument("gene_chart: a value that is no number");
  text += fmt::format("{} {:.1f}", bar(*value, signs), *value);
  return remark.empty() ? text : fmt::format("{}  {}", text, fitted(remark, columns - remark_at, signs, ascii));
}

}  // namespace

std::string gene_chart(const GeneValues& values, const GeneRemarks& remarks, bool ascii) {
  std::string text;
  for (const auto& category : gene_categories()) {
    text += fmt::format("{}{}\n", category.begin > 0 ? "\n" : "", category.name);
    for (auto i = static_cast<size_t>(category.begin); i < static_cast<size_t>(category.end); ++i) {
      text += line(genes()[i], values[i], remarks[i], ascii) + "\n";
    }
  }
  return text;
}

}  // namespace segue
