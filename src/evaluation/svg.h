#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace segue {

/// Pieces of hand-made SVG. Across, positions are percent of the figure's width and down they are pixels: a figure
/// grows with the page while its letters keep their size. Looks come from the classes of page_style.h.
namespace svg {

/// A figure with what a screen reader says of it. `id` must be the only one on the page.
std::string figure(const std::string& id, const std::string& title, const std::string& description, double height,
                   const std::string& content);

std::string text(double x, double y, std::string_view words, std::string_view style);
std::string line(double x1, double y1, double x2, double y2, std::string_view style);
/// hint: shown when the pointer rests on it.
std::string rect(double x, double y, double width, double height, std::string_view style, std::string_view hint = {});
/// A disc, or a diamond.
std::string mark(double x, double y, bool diamond, std::string_view style);
/// Content with a hint.
std::string hinted(std::string_view hint, const std::string& content);

/// From values begin … end to percent.
struct Scale {
  double end = 1, left = 0, right = 100, begin = 0;
  double at(double value) const;
  /// Round values from begin to end.
  std::vector<double> ticks() const;
};

/// The text cut to so many columns of a terminal, with an ellipsis where something is missing.
std::string shortened(std::string_view words, size_t columns);

}  // namespace svg
}  // namespace segue
