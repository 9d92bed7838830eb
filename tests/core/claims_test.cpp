#include "core/claims.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>

#include "support/scratch.h"

namespace segue {
namespace {

using std::chrono::milliseconds;

const ClaimOptions quick{.beat = milliseconds(20), .stale = milliseconds(400)};

TEST(Claims, GiveAPieceOfWorkToOne) {
  const Scratch scratch;
  Claims one(scratch.folder(), quick), other(scratch.folder(), quick);
  const auto first = one.take("piece");
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(other.take("piece"), nullptr);
  EXPECT_NE(other.take("another piece"), nullptr);
}

TEST(Claims, AreFreeAgainAfterwards) {
  const Scratch scratch;
  Claims one(scratch.folder(), quick), other(scratch.folder(), quick);
  one.take("piece").reset();
  EXPECT_FALSE(std::filesystem::exists(scratch / "piece.claim"));
  EXPECT_NE(other.take("piece"), nullptr);
}

TEST(Claims, AreNotTakenOverWhileTheirWorkGoesOn) {
  const Scratch scratch;
  Claims one(scratch.folder(), quick), other(scratch.folder(), quick);
  const auto held = one.take("piece");
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(other.take("piece"), nullptr);
    std::this_thread::sleep_for(milliseconds(100));
  }
}

/// Looks again and again for that long; true if the piece was taken at last.
bool taken_within(Claims& claims, milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < end) {
    if (claims.take("piece") != nullptr) return true;
    std::this_thread::sleep_for(milliseconds(20));
  }
  return false;
}

TEST(Claims, OfAnotherMachineAreTakenOverWhenNobodyRefreshesThem) {
  const Scratch scratch;
  scratch.file("piece.claim", R"({"token": "x", "machine": "another", "process": 1, "began": "5"})");
  Claims claims(scratch.folder(), quick);
  EXPECT_FALSE(taken_within(claims, milliseconds(200)));
  EXPECT_TRUE(taken_within(claims, milliseconds(5000)));
}

TEST(Claims, AreNotTakenOverByWhoDidNotLook) {
  const Scratch scratch;
  scratch.file("piece.claim", R"({"token": "x", "machine": "another", "process": 1, "began": "5"})");
  Claims claims(scratch.folder(), quick);
  EXPECT_EQ(claims.take("piece"), nullptr);
  std::this_thread::sleep_for(milliseconds(500));  // as if stopped, and the other one with it
  EXPECT_EQ(claims.take("piece"), nullptr);
}

TEST(Claims, OfADeadProcessAreTakenOverAtOnce) {
  const Scratch scratch;
  const pid_t child = ::fork();
  if (child == 0) {
    Claims claims(scratch.folder());
    const auto held = claims.take("piece");
    ::_exit(held == nullptr ? 1 : 0);  // as if killed: nothing is cleared away
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  ASSERT_EQ(status, 0);
  ASSERT_TRUE(std::filesystem::exists(scratch / "piece.claim"));
  EXPECT_NE(Claims(scratch.folder()).take("piece"), nullptr);
}

TEST(Claims, SayWhenAnotherTookThemOver) {
  const Scratch scratch;
  std::atomic<int> lost = 0;
  ClaimOptions options = quick;
  options.lost = [&](const std::string& name) { lost += name == "piece"; };
  Claims claims(scratch.folder(), options);
  const auto held = claims.take("piece");
  scratch.file("piece.claim", R"({"token": "of another"})");
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_EQ(lost, 1);
  EXPECT_TRUE(std::filesystem::exists(scratch / "piece.claim"));
}

TEST(Claims, ThatWereCutShortAreTakenOverToo) {
  const Scratch scratch;
  scratch.file("piece.claim", "");
  Claims claims(scratch.folder(), quick);
  EXPECT_NE(claims.take("piece"), nullptr);  // at once: who wrote it died, for it was done under the folder's lock
}

}  // namespace
}  // namespace segue
