#include "core/console.h"

#include <gtest/gtest.h>

namespace segue {
namespace {

TEST(Printable, LeavesNamesOfAnyScriptAlone) {
  for (const std::string name : {"Sigur Rós", "宇多田ヒカル", "Мумий Тролль", "👩‍🎤", "AC/DC", ""}) EXPECT_EQ(printable(name), name);
}

TEST(Printable, DropsWhatWouldSteerATerminal) {
  EXPECT_EQ(printable("\x1b[31mred\x1b[0m"), "red");
  EXPECT_EQ(printable("\x1b]0;title\a song"), " song");
  EXPECT_EQ(printable("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\"), "link");
  EXPECT_EQ(printable("\xC2\x9B"
                      "2Jgone"),
            "gone");
  EXPECT_EQ(printable("\x1b(Bplain\x1b"), "plain");
  EXPECT_EQ(printable(std::string_view("be\bl\al\0\x7f", 8)), "bell");
}

TEST(Printable, KeepsTheTextBehindAnEscapeThatNeverEnds) {
  EXPECT_EQ(printable("\x1b]0;song"), "0;song");
  EXPECT_EQ(printable("\x1b[12"), "");
  EXPECT_EQ(printable(std::string_view("\x1b\0song\a!", 8)), "song!");
  EXPECT_EQ(printable("\x1b\xC3\xA9"), "é");
}

TEST(Printable, IsOneLine) { EXPECT_EQ(printable("a\nb\tc\u2028d\u0085e"), "a b c d e"); }

TEST(Printable, DropsMarksThatTurnTheDirectionOfWriting) {
  EXPECT_EQ(printable("\u202Egpj.\u202C\u2066x\u2069\u200F\u200E\u061C!"), "gpj.x!");
}

TEST(ValidUtf8, PutsOneMarkForEachMaximalSubpart) {
  // python3 -c "print(ascii(b'...'.decode(errors='replace')))"
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(valid_utf8("a\xE2\x82z"), "a" + mark + "z");
  EXPECT_EQ(valid_utf8("\xE2\x82"), mark);
  EXPECT_EQ(valid_utf8("\xF0\x9F\x8E"), mark);
  EXPECT_EQ(valid_utf8("\xF0\x80\x80"), mark + mark + mark);
  EXPECT_EQ(valid_utf8("\xC0\xAF"), mark + mark);
  EXPECT_EQ(valid_utf8("\xED\xA0\x80"), mark + mark + mark);
  EXPECT_EQ(valid_utf8("\xF4\x90\x80\x80"), mark + mark + mark + mark);
  EXPECT_EQ(valid_utf8("\xE2\xE2\x82\xAC"), mark + "€");
  EXPECT_EQ(valid_utf8("Beyonc\xE9"), "Beyonc" + mark);
}

TEST(ValidUtf8, FindsABadByteWhereverItStands) {
  EXPECT_TRUE(is_valid_utf8(""));
  EXPECT_TRUE(is_valid_utf8("a long name of many ASCII letters, é, and as many again behind it 🎵"));
  for (size_t at = 0; at < 40; ++at) {
    std::string name(40, 'x');
    name[at] = '\xFF';
    EXPECT_FALSE(is_valid_utf8(name)) << at;
  }
  EXPECT_TRUE(is_valid_utf8("\xF4\x8F\xBF\xBF"));
  EXPECT_FALSE(is_valid_utf8("\xF4\x90\x80\x80"));
}

TEST(HtmlText, CannotLeaveItsElementOrAttribute) {
  EXPECT_EQ(html_text("<script>\"&'</script>\x1b[1m"), "&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;");
}

TEST(CsvCell, QuotesWhatWouldSplitTheRow) {
  EXPECT_EQ(csv_cell("plain"), "plain");
  EXPECT_EQ(csv_cell("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_cell("say \"hi\"\n"), "\"say \"\"hi\"\"\n\"");
}

TEST(CsvCell, DisarmsFormulasButNotNumbers) {
  EXPECT_EQ(csv_cell("=HYPERLINK(\"x\",1)"), "\"'=HYPERLINK(\"\"x\"\",1)\"");
  for (const std::string name : {"@home", "+1", "-2+3", "\tx", "-", "-inf", "--1"}) EXPECT_EQ(csv_cell(name), "'" + name);
  for (const std::string number : {"-0.25", "-3", "-1.5e-07", "2"}) EXPECT_EQ(csv_cell(number), number);
}

TEST(TextTable, AlignsWideNamesByTheColumnsTheyTake) {
  TextTable table({"<name", "plays"});
  table.row({"宇多田", "7"});
  table.row({"a\x1b[1mb", "12"});
  table.rule();
  table.row({"sum", "19"});
  EXPECT_EQ(table.text(),
            "name    plays\n"
            "─────────────\n"
            "宇多田      7\n"
            "ab         12\n"
            "─────────────\n"
            "sum        19\n");
}

TEST(TextTable, WritesMarkdownThatShowsTheTextAsItIs) {
  TextTable table({"<name", "n"});
  table.row({"a|b", "1"});
  table.row({"<i>[x](y)", "2"});
  EXPECT_EQ(table.markdown(),
            "| name          | n |\n"
            "|:--------------|--:|\n"
            "| a\\|b          | 1 |\n"
            "| &lt;i>[x\\](y) | 2 |\n");
}

TEST(TextTable, RefusesARowOfOtherColumns) {
  TextTable table({"<name"});
  EXPECT_THROW(table.row({"a", "b"}), std::invalid_argument);
}

}  // namespace
}  // namespace segue
