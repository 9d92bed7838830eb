#pragma once

#include <string>
#include <string_view>

namespace segue {

/// The names of a track without what does not make it another recording. Two spellings without ids are one track if
/// their keys are equal. The rules, in order:
///
///  N1  Unicode NFKC and case folding; accents of Latin, Greek and Cyrillic letters go; curly quotes become straight,
///      all dashes "-", "&" becomes "and", runs of white space one blank, none at the ends.
///  N2  A mark is what stands in a trailing () or [] of the title, or after its last " - ". Its parts (divided by
///      ";", "/" or ",") that speak of remastering, guests ("feat.", "ft.", "featuring"), the album version, explicit
///      words or a bonus track go. What is left of the mark stays: live, acoustic, demo, remix, instrumental, radio
///      edit and the like are other recordings.
///  N3  Guests in the artist's name, from "feat.", "ft." or "featuring" on, go; so do guests in the title without
///      brackets.
///  N4  . , ! ? ' " and ` go, unless nothing would be left.
///
/// The key is "artist TAB title".
std::string name_key(std::string_view artist, std::string_view title);
/// What stands behind the TAB.
std::string title_key(std::string_view title);

/// N1 alone.
std::string fold(std::string_view text);

}  // namespace segue
