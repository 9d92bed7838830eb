#include "fusion/windows.h"

#include <gtest/gtest.h>

#include "tensors/small_log.h"

namespace segue {
namespace {

/// Listener 0 hears track 2 at plays 2, 5 and 10; 3, 5 and nothing come next.
const std::vector<std::vector<int32_t>> plays{{0, 1, 2, 3, 1, 2, 5, 0, 4, 1, 2}};

/// The tracks that followed at one position of a window, -1 where nothing did.
std::vector<int64_t> followed(const Window& window, int64_t position) {
  const Log log = small_log(plays, 8);
  const PlayTable table(log, 2);
  StepTracks tracks(8);
  const Batch batch = make_batch(table, std::vector<Window>{window}, 12, tracks);
  std::vector<int64_t> found;
  for (int64_t e = 0; e < 2; ++e) {
    const auto place = batch.followed[0][position][e].item<int64_t>();
    found.push_back(place < 0 ? -1 : tracks.tracks()[static_cast<size_t>(place)]);
  }
  return found;
}

TEST(MakeBatch, TellsWhatFollowedATrackBeforeTheLatestFirst) {
  const Window window{0, 11, 0};
  EXPECT_EQ(followed(window, 2), (std::vector<int64_t>{-1, -1})) << "its first play";
  EXPECT_EQ(followed(window, 5), (std::vector<int64_t>{3, -1}));
  EXPECT_EQ(followed(window, 10), (std::vector<int64_t>{5, 3}));
  EXPECT_EQ(followed({3, 11, 3}, 7), (std::vector<int64_t>{5, -1})) << "play 2 may not be known";
}

TEST(MakeBatch, TellsAHiddenPlayWhatFollowedTheTrackBeforeIt) {
  Window window{0, 11, 0};
  window.hidden = {0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0};
  EXPECT_EQ(followed(window, 6), (std::vector<int64_t>{3, -1})) << "as play 5, of track 2, is told";
  EXPECT_EQ(followed(window, 10), (std::vector<int64_t>{3, -1})) << "play 6 is hidden";
  window.hidden[5] = 1;
  EXPECT_EQ(followed(window, 6), (std::vector<int64_t>{-1, -1})) << "the one before it is hidden too";
  Window asking{0, 11, 0};
  asking.asks = true;
  EXPECT_EQ(followed(asking, 11), (std::vector<int64_t>{5, 3}));
  Window nothing{4, 4, 4};
  nothing.asks = true;
  EXPECT_EQ(followed(nothing, 0), (std::vector<int64_t>{-1, -1}));
}

}  // namespace
}  // namespace segue
