#include "annotation/back_off.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "annotation/chat_model.h"
#include "core/progress.h"
#include "support/fake_clock.h"

namespace segue {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class BackOffs : public testing::Test {
 protected:
  BackOffs() { set_quiet(true); }
  ~BackOffs() override { set_quiet(before_); }

  double seconds_until(BackOff::Time then) const { return std::chrono::duration<double>(then - clock->now()).count(); }

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  BackOff back_off{{.clock = clock}};

 private:
  bool before_ = quiet();
};

TEST_F(BackOffs, GrowFromOneSecondToSixty) {
  for (int64_t tries = 1; tries <= 9; ++tries) {
    const double wait = seconds_until(back_off.begin()->failed(tries, {"busy", true}));
    const double least = std::min(60.0, std::exp2(tries - 1));
    EXPECT_GE(wait, least - 1e-9);
    EXPECT_LE(wait, std::min(60.0, least * 1.25));
  }
}

TEST_F(BackOffs, OfOneRequestLetOthersPass) {
  auto one = back_off.begin(), other = back_off.begin();
  const auto then = one->failed(1, {"cut"});
  EXPECT_GE(seconds_until(then), 1);
  other->answered();
  back_off.begin()->answered();
  EXPECT_TRUE(clock->waits().empty());
  back_off.begin(then)->answered();
  EXPECT_EQ(clock->waits().size(), 1u);
}

TEST_F(BackOffs, OfAServerThatIsBusyHoldEverybody) {
  back_off.begin()->failed(1, {"429", true, milliseconds(7000)});
  back_off.begin();
  EXPECT_EQ(clock->waits(), std::vector{milliseconds(7000)});
}

TEST_F(BackOffs, LetOneGoAheadAfterwards) {
  back_off.begin()->failed(1, {"429", true});
  auto ahead = back_off.begin();
  std::atomic<bool> went = false;
  std::jthread waits([&] {
    const auto first = back_off.begin(), second = back_off.begin();
    went = true;
  });
  std::this_thread::sleep_for(milliseconds(30));
  EXPECT_FALSE(went);
  ahead->answered();  // now two may go at once
  waits.join();
  EXPECT_TRUE(went);
}

TEST_F(BackOffs, CountFailuresThatWereSentTogetherOnce) {
  BackOff two{{.give_up_after = 2, .clock = clock}};
  std::vector<std::unique_ptr<BackOff::Attempt>> together;
  for (int i = 0; i < 64; ++i) together.push_back(two.begin());
  for (auto& one : together) EXPECT_NO_THROW(one->failed(1, {"429", true}));
  EXPECT_THROW(two.begin()->failed(2, {"429", true}), ChatFailure);
}

TEST_F(BackOffs, EndAfterARunOfFailuresThatNoAnswerBreaks) {
  BackOff three{{.give_up_after = 3, .clock = clock}};
  for (int i = 0; i < 5; ++i) {
    three.begin()->failed(1, {"away", true});
    three.begin()->failed(2, {"away", true});
    three.begin()->answered();
  }
  three.begin()->failed(1, {"away", true});
  three.begin()->failed(2, {"away", true});
  try {
    three.begin()->failed(3, {"the last words", true});
    FAIL();
  } catch (const ChatFailure& failure) {
    EXPECT_EQ(failure.kind, ChatFailure::Kind::all);
    EXPECT_STREQ(failure.what(), "3 failures in a row and no answer between them; the last: the last words");
  }
  EXPECT_THROW(three.begin(), ChatFailure);
}

TEST_F(BackOffs, EndWhereTheServerAsksToWaitTooLong) {
  try {
    back_off.begin()->failed(1, {"example.com answered 429", true, milliseconds(2 * 3600 * 1000)});
    FAIL();
  } catch (const ChatFailure& failure) {
    EXPECT_EQ(failure.kind, ChatFailure::Kind::all);
    EXPECT_STREQ(failure.what(), "example.com answered 429; it asks to wait for 2:00:00: go on after 2026-03-01 14:00 UTC");
  }
}

TEST_F(BackOffs, WakeWhoWaitsWhenAllIsOver) {
  const auto real = std::make_shared<WaitClock>();
  BackOff over{{.clock = real}};
  over.begin()->failed(1, {"429", true, milliseconds(300'000)});
  std::jthread waits([&] { EXPECT_THROW(over.begin(), ChatFailure); });
  std::this_thread::sleep_for(milliseconds(20));  // so that it does
  EXPECT_THROW(over.stop("the key is wrong"), ChatFailure);
}

TEST(RetryAfter, IsSecondsADateOrMilliseconds) {
  const auto date = FakeClock::start();
  EXPECT_EQ(read_retry_after("", "7", date), milliseconds(7000));
  EXPECT_EQ(read_retry_after("", "1.5", date), milliseconds(1500));
  EXPECT_EQ(read_retry_after("250", "1", date), milliseconds(250));
  EXPECT_EQ(read_retry_after("", "Sun, 01 Mar 2026 12:00:30 GMT", date), milliseconds(30'000));
  EXPECT_GT(read_retry_after("", "99999999999999999999999", date), seconds(100'000'000));
  for (const char* nothing : {"", "0", "-5", "soon", "nan", "Sun, 01 Mar 2026 11:59:30 GMT"}) EXPECT_EQ(read_retry_after("", nothing, date), std::nullopt) << nothing;
}

}  // namespace
}  // namespace segue
