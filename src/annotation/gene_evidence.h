#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "core/files.h"
#include "listening/tracks.h"

namespace segue {

class Neighbourhoods;

/// What is told of a track besides its names.
struct EvidenceOptions {
  bool lyrics = false;
  bool tags = false;              // of its artist, from tag_file
  bool tempo = false;             // of the signal `descriptors`
  bool sound = false;             // how loud, bright and noisy it is among the tracks here, and what sounds like it
  Path tag_file = {};             // as ArtistWords reads it
  int64_t longest_lyrics = 1500;  // characters
};

/// What a data folder knows of its tracks, for somebody who is to rate them. Several threads may ask.
class Evidence {
 public:
  /// tracks: of the folder; outlive this. Throws Error where what is asked for is not there at all, and says what makes it.
  Evidence(const Path& data, const EvidenceOptions& options, const Tracks& tracks);
  ~Evidence();

  /// {"artist", "title"}, and of what is asked for and known of the track, in this order: "lyrics" or "instrumental": true; "tags";
  /// "tempo_bpm"; "loudness_percentile", "brightness_percentile", "noisiness_percentile"; "sounds_like" ["Artist – Title", …].
  /// Every text is one line, but for lyrics, and valid UTF-8.
  nlohmann::ordered_json of(int32_t track) const;
  /// The choice in words, with the spaces of the signals that are read: part of a space. What the folder says of a single track is
  /// no part of it, as with other signals: it is part of what is asked.
  std::string spelled() const;
  /// Whether its lyrics say that nobody sings, be they told or not.
  bool instrumental(int32_t track) const { return instrumental_.count(track) != 0; }

 private:
  struct Sounding;
  void read_lyrics(const Path& data);
  void read_descriptors(const Path& data);
  void read_sounding(const Path& data);
  std::string name_of(int32_t track) const;
  std::vector<int32_t> near(const Neighbourhoods& signal, int32_t track) const;
  std::vector<int32_t> sounds_like(int32_t track) const;

  /// Of a signal `descriptors`.
  struct Measured {
    int64_t tempo_bpm = 0;
    int64_t loudness = 0, brightness = 0, noisiness = 0;  // percentiles
  };

  EvidenceOptions options_;
  const Tracks& tracks_;
  std::string spaces_;  // of what is read
  std::map<int32_t, std::string> lyrics_;
  std::set<int32_t> instrumental_;
  std::unique_ptr<const Sounding> sounding_;
  std::map<int32_t, Measured> measured_;
  mutable std::mutex guard_;
  mutable std::map<int32_t, std::vector<int32_t>> like_;  // found so far
};

}  // namespace segue
