#include <gtest/gtest.h>

#include "support/kept_rows.h"

namespace segue {
namespace {

constexpr const char* format = "recbole";

TEST(Recbole, FindsTypedColumnsAndNamesBeside) {
  const auto rows = read_rows(format, {{"x/x.inter", "\xef\xbb\xbfuser_id:token\titem_id:token\trating:float\ttimestamp:float\r\n"
                                                     "ann\t1\t5\t1.6e9\r\nann\t2\t5\t1600000000500\n"},
                                       {"x/x.item", "item_id:token\ttrack_name:token_seq\tartist_name:token_seq\n1\tOne\tAnn\n"}}, 4);
  ASSERT_EQ(rows.kept.size(), 2u) << rows.error;
  const KeptPlay one{.listener = "ann",
                     .artist = "Ann",
                     .track_id = "1",
                     .title = "One",
                     .start_ms = 1'600'000'000'000,
                     .start_error_s = 1,
                     .row = 1};
  const KeptPlay two{.listener = "ann", .track_id = "2", .start_ms = 1'600'000'000'500, .start_error_s = 1, .row = 2};
  EXPECT_EQ(rows.kept[0], one);
  EXPECT_EQ(rows.kept[1], two);
}

TEST(Recbole, RefusesRowsThatAreNoPlays) {
  const auto rows = read_rows(
      format,
      {{"x.inter",
        "user_id:token\titem_id:token\ttimestamp:float\nann\t1\n\t1\t2\nann\t\t2\nann\t1\tnan\nann\t1\t1e300\nann\t1\t\n"}});
  EXPECT_EQ(
      rows.refused,
      (Refused{
          {1, "malformed-line"}, {2, "no-listener"}, {3, "no-name"}, {4, "no-time"}, {5, "no-time"}, {6, "no-time"}}));
}

TEST(Recbole, NamesTheLineOfItemsThatIsBroken) {
  const auto rows = read_rows(format, {{"x.inter", "user_id:token\titem_id:token\ttimestamp:float\nann\t1\t2\n"},
                                       {"x.item", "item_id:token\ttitle:token_seq\n1\tOne\n2\n"}});
  EXPECT_EQ(rows.error, "memory: x.item: line 3 has 1 fields, the header 2");
  EXPECT_NE(read_rows(format, {{"x.inter", "user_id\titem_id\n"}}).error.find("no header"), std::string::npos);
}

}  // namespace
}  // namespace segue
