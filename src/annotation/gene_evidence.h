#pragma once
#include <nlohmann/json.hpp>
#include "core/files.h"
#include "listening/tracks.h"
namespace segue {
struct EvidenceOptions { bool lyrics = false, tags = false, tempo = false, sound = false; Path tag_file = {}; int64_t longest_lyrics = 1500; };
class Evidence {
 public:
  Evidence(const Path& data, const EvidenceOptions& options, const Tracks& tracks) : tracks_(tracks) { (void)data; (void)options; }
  nlohmann::ordered_json of(int32_t track) const { return {{"artist", std::string(tracks_.artist[track])}, {"title", std::string(tracks_.title[track])}}; }
  std::string spelled() const { return "names"; }
  bool instrumental(int32_t) const { return false; }
 private:
  const Tracks& tracks_;
};
}
