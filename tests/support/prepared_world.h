#pragma once

#include <gtest/gtest.h>

#include "sessions/prepared.h"
#include "support/program.h"

namespace segue {

/// A made-up world, imported and prepared under segue-own into the folder `data`.
struct PreparedWorld {
  Scratch scratch;
  Prepared prepared;

  PreparedWorld(int listeners, int plays) {
    make_world(scratch / "world", listeners, plays);
    EXPECT_EQ(segue_program({"import", path("world") + "/spotify", "--into", path("data"), "--quiet"}).code, 0);
    EXPECT_EQ(segue_program({"prepare", path("data"), "--protocol", "segue-own", "--quiet"}).code, 0);
    prepared = load_prepared(path("data"), "segue-own");
  }
  std::string path(const std::string& name) const { return (scratch / name).string(); }
};

}  // namespace segue
