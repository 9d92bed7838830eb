#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "encoders/encoder_rows.h"
#include "encoders/hear.h"
#include "signals/signal_work.h"

namespace segue {

struct EncodeOptions {
  std::string signal;        // name of the signal; empty: of the encoder, for words with what it reads before it
  std::string made_from = "sound";  // sound, lyrics, names
  std::string encoder;       // a row of sound_encoders() or text_encoders(); empty: as the model's config.json says
  EncoderOptions settings;
  HearOptions hear;
  Path tags;                 // for names: words of artists (signals/artist_words.h)
  bool again = false;        // tries once more what could not be read
  int jobs = 1;              // tracks that are heard side by side
  ClaimOptions claims = {};
};

struct EncodeReport {
  SignalAbout about;
  int64_t wanted = 0;        // tracks that have sound, lyrics or names
  int64_t made = 0;          // vectors made now
  int64_t elsewhere = 0;     // left to other processes that are at work on them
  int64_t known = 0, instrumental = 0, unreadable = 0;  // tracks of the signal now
  int64_t broken = 0;        // tracks made now of which parts could not be decoded
  double heard_s = 0;        // seconds of sound heard now
  double seconds = 0;        // that it took
  std::vector<std::string> problems;  // of what could not be read now, the first hundred
};

/// Makes the vectors of all tracks of a data folder that have sound, lyrics or names and that were not made yet. May be
/// killed and started again, and by several processes at once: what is made is kept, and not made twice. What can't be read
/// is reported once and passed over until its content changes. Throws Error where nothing can be encoded at all, and where
/// the disk is full.
EncodeReport encode(const Path& data, EncodeOptions options);

nlohmann::ordered_json to_json(const EncodeReport& report);
std::string text_of(const EncodeReport& report);

}  // namespace segue
