// The folders of src/ have an order, and the rules of the house can be read off the files.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "core/files.h"

namespace segue {
namespace {

const std::vector<std::string> order = {"core",     "text",     "audio",      "layers", "language",  "listening",  "sessions",
                                        "simulation", "signals", "encoders",  "annotation", "fusion", "backbones", "ranking",
                                        "evaluation", "training", "experiments", "service", "cli"};

struct SourceFile {
  Path path;           // below src/
  std::string folder;  // the first part of it
  std::string text;
  std::vector<std::string> includes;  // "folder/name.h" as written
};

std::vector<SourceFile> sources() {
  const Path root = Path(SEGUE_SOURCE_DIR) / "src";
  const std::regex include(R"re(^\s*#\s*include\s*["<]([^">]+)[">])re");
  std::vector<SourceFile> all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".h" && entry.path().extension() != ".cpp") continue;
    const Path path = entry.path().lexically_relative(root);
    SourceFile file{path, path.begin()->string(), read_file(entry.path()), {}};
    std::istringstream lines(file.text);
    std::smatch found;
    for (std::string line; std::getline(lines, line);) {
      if (std::regex_search(line, found, include)) file.includes.push_back(found[1]);
    }
    all.push_back(std::move(file));
  }
  return all;
}

int place_of(const std::string& folder) {
  const auto found = std::find(order.begin(), order.end(), folder);
  return found == order.end() ? -1 : static_cast<int>(found - order.begin());
}

TEST(Layering, EveryFolderHasItsPlaceInTheOrder) {
  const auto files = sources();
  EXPECT_GT(files.size(), 100u);
  for (const auto& file : files) EXPECT_GE(place_of(file.folder), 0) << file.path;
}

TEST(Layering, AFolderIncludesItselfAndThoseBeforeIt) {
  for (const auto& file : sources()) {
    for (const auto& include : file.includes) {
      const int of = place_of(include.substr(0, include.find('/')));
      EXPECT_TRUE(include.find('/') == std::string::npos || of <= place_of(file.folder)) << file.path << " includes " << include;
    }
  }
}

TEST(Layering, WhatNeedsNoTensorsIncludesNoTorch) {
  for (const auto& file : sources()) {
    const auto& f = file.folder;
    const bool metrics = f == "evaluation" && file.path.stem() == "metrics";
    if (f != "listening" && f != "text" && f != "audio" && f != "sessions" && !metrics) continue;
    for (const auto& include : file.includes) {
      EXPECT_FALSE(include.starts_with("torch/") || include.starts_with("ATen/") || include.starts_with("c10/") || include == "core/tensor.h")
          << file.path << " includes " << include;
    }
  }
}

TEST(Layering, AHeaderIsReadOnce) {
  for (const auto& file : sources()) {
    EXPECT_TRUE(file.path.extension() != ".h" || file.text.find("#pragma once") != std::string::npos) << file.path;
  }
}

TEST(Layering, AFileFitsInAFewScreens) {
  constexpr std::ptrdiff_t most = 360;
  for (const auto& file : sources()) EXPECT_LE(std::count(file.text.begin(), file.text.end(), '\n'), most) << file.path;
}

TEST(Layering, NothingIsIncludedThatIsNotThere) {
  const Path root = Path(SEGUE_SOURCE_DIR) / "src";
  for (const auto& file : sources()) {
    for (const auto& include : file.includes) {
      const bool ours = include.find('/') != std::string::npos && place_of(include.substr(0, include.find('/'))) >= 0;
      EXPECT_TRUE(!ours || std::filesystem::exists(root / include)) << file.path << " includes " << include;
    }
  }
}

}  // namespace
}  // namespace segue
