#include "annotation/chart.h"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>
#include <stdexcept>

namespace segue {
namespace {

std::string first_lines(const std::string& text, int lines) {
  std::istringstream in(text);
  std::string out, line;
  for (int i = 0; i < lines && std::getline(in, line); ++i) out += line + "\n";
  return out;
}

/// Known: the voice. Missing: harmony.
GeneValues voice() {
  GeneValues values;
  const float some[] = {0, 0.5f, 2.5f, 5, 3.13f, 1.25f, 4.96f};
  for (size_t i = 0; i < 7; ++i) values[i] = some[i];
  return values;
}

GeneRemarks remarks() {
  GeneRemarks text;
  text[2] = "unusable";
  text[3] = "a remark that is too long for it";
  text[7] = "the answers disagree";
  text[8] = "said so long-winded that nobody would read it to its end";
  return text;
}

TEST(GeneChart, ShowsBarsValuesAndWhyThereAreNone) {
  EXPECT_EQ(first_lines(gene_chart(voice(), remarks()), 13),
            "Vocals\n"
            "  Vocal Register                                     0.0\n"
            "  Vocal Timbre Thin to Full     ██                   0.5\n"
            "  Vocal Breathiness             ██████████           2.5  unusable\n"
            "  Vocal Smoothness              ████████████████████ 5.0  a remark that is too …\n"
            "  Vocal Grittiness              ████████████▌        3.1\n"
            "  Vocal Nasality                █████                1.2\n"
            "  Vocal Accompaniment           ███████████████████▉ 5.0\n"
            "\n"
            "Harmony\n"
            "  Minor / Major Key Tonality    – the answers disagree\n"
            "  Harmonic Sophistication       – said so long-winded that nobody would read it…\n"
            "\n");
}

TEST(GeneChart, IsPlainAsciiWhereAskedFor) {
  GeneRemarks remarks_with_more = remarks();
  remarks_with_more[7] = "naïve …";
  const std::string text = gene_chart(voice(), remarks_with_more, true);
  for (const char c : text) ASSERT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << text;
  EXPECT_EQ(first_lines(text, 11),
            "Vocals\n"
            "  Vocal Register                                     0.0\n"
            "  Vocal Timbre Thin to Full     ##                   0.5\n"
            "  Vocal Breathiness             ##########           2.5  unusable\n"
            "  Vocal Smoothness              #################### 5.0  a remark that is to...\n"
            "  Vocal Grittiness              #############        3.1\n"
            "  Vocal Nasality                #####                1.2\n"
            "  Vocal Accompaniment           #################### 5.0\n"
            "\n"
            "Harmony\n"
            "  Minor / Major Key Tonality    - na?ve ?\n");
}

TEST(GeneChart, HasALineForEachGeneAndNoneTooWide) {
  GeneValues values;
  GeneRemarks remarks;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i % 2 == 0) values[i] = static_cast<float>(i % 11) / 2;
    for (int word = 0; word < 40; ++word) remarks[i] += i % 3 == 0 ? "語\n" : "words ";
  }
  for (const bool ascii : {false, true}) {
    std::istringstream lines(gene_chart(values, remarks, ascii));
    int64_t count = 0, indented = 0;
    for (std::string line; std::getline(lines, line); ++count) {
      indented += line.starts_with("  ");
      int64_t width = 0;
      for (size_t at = 0; at < line.size(); ++at) {
        const auto c = static_cast<unsigned char>(line[at]);
        if ((c & 0xC0) != 0x80) width += c >= 0xE4 && c <= 0xE9 ? 2 : 1;  // CJK is twice as wide
      }
      EXPECT_LE(width, 80) << line;
    }
    EXPECT_EQ(indented, gene_count);
    EXPECT_EQ(count, gene_count + 7 + 6);
  }
}

TEST(GeneChart, RefusesWhatIsNoNumber) {
  GeneValues values;
  values[3] = std::nanf("");
  EXPECT_THROW(gene_chart(values), std::invalid_argument);
}

}  // namespace
}  // namespace segue
