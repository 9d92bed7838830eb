#pragma once

#include <string_view>

namespace segue {

/// Colours (light and dark, safe for colour-blind eyes) and the looks of figures, for a page or an SVG file.
std::string_view figure_style();

/// The looks of everything else on the page.
std::string_view page_style();

}  // namespace segue
