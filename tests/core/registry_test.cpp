#include "core/registry.h"

#include <gtest/gtest.h>

namespace segue {
namespace {

TEST(Registry, NamesWhatItKnowsWhenARowIsMistyped) {
  const Registry<int> numbers("number", {{"one", 1}, {"two", 2}});
  EXPECT_EQ(numbers.at("two"), 2);
  try {
    numbers.at("tow");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "no number 'tow'; known: one, two");
  }
}

}  // namespace
}  // namespace segue
