#include "evaluation/svg.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <cmath>

#include "core/console.h"

namespace segue::svg {

std::string figure(const std::string& id, const std::string& title, const std::string& description, double height,
                   const std::string& content) {
  return fmt::format(
      "<svg class=\"figure\" width=\"100%\" height=\"{:.0f}\" role=\"img\" aria-labelledby=\"{}-title {}-desc\">"
      "<title id=\"{}-title\">{}</title><desc id=\"{}-desc\">{}</desc>\n{}</svg>\n",
      height, id, id, id, html_text(title), id, html_text(description), content);
}

std::string text(double x, double y, std::string_view words, std::string_view style) {
  return fmt::format("<text x=\"{:.2f}%\" y=\"{:.1f}\" class=\"{}\">{}</text>\n", x, y, style, html_text(words));
}

std::string line(double x1, double y1, double x2, double y2, std::string_view style) {
  return fmt::format("<line x1=\"{:.2f}%\" y1=\"{:.1f}\" x2=\"{:.2f}%\" y2=\"{:.1f}\" class=\"{}\"/>\n", x1, y1, x2, y2, style);
}

std::string rect(double x, double y, double width, double height, std::string_view style, std::string_view hint) {
  const std::string title = hint.empty() ? "" : fmt::format("<title>{}</title>", html_text(hint));
  return fmt::format("<rect x=\"{:.3f}%\" y=\"{:.1f}\" width=\"{:.3f}%\" height=\"{:.1f}\" class=\"{}\">{}</rect>\n", x, y,
                     width, height, style, title);
}

std::string mark(double x, double y, bool diamond, std::string_view style) {
  // Paths know no percent, so the diamond stands in a picture of its own.
  if (!diamond) return fmt::format("<circle cx=\"{:.2f}%\" cy=\"{:.1f}\" r=\"4.5\" class=\"{}\"/>\n", x, y, style);
  return fmt::format("<svg x=\"{:.2f}%\" y=\"{:.1f}\" overflow=\"visible\"><path d=\"M0-6 6 0 0 6-6 0z\" class=\"{}\"/></svg>\n",
                     x, y, style);
}

std::string hinted(std::string_view hint, const std::string& content) {
  return fmt::format("<g><title>{}</title>\n{}</g>\n", html_text(hint), content);
}

double Scale::at(double value) const { return left + (right - left) * std::clamp((value - begin) / (end - begin), 0.0, 1.0); }

std::vector<double> Scale::ticks() const {
  const double rough = (end - begin) / 4;
  const double ten = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10 * ten;
  for (const double nice : {5.0, 2.0, 1.0}) {
    if (nice * ten >= rough * 0.9) step = nice * ten;
  }
  std::vector<double> ticks;
  for (int i = static_cast<int>(std::ceil(begin / step)); i * step <= end * 1.0001; ++i) ticks.push_back(i * step);
  return ticks;
}

std::string shortened(std::string_view words, size_t columns) {
  const std::string whole = printable(words);
  size_t width = 0, fits = 0, at = 0;
  while (at < whole.size()) {
    utf8proc_int32_t point = 0;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(whole.data() + at);
    at += static_cast<size_t>(utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(whole.size() - at), &point));
    width += static_cast<size_t>(std::max(0, utf8proc_charwidth(point)));
    if (width < columns) fits = at;
  }
  return width <= columns ? whole : whole.substr(0, fits) + "…";
}

}  // namespace segue::svg
