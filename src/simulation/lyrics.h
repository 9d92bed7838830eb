#pragma once

#include <string>

#include "simulation/sound.h"

namespace segue::simulation {

enum class Words { unknown, instrumental, sung };

/// Whether a track's words are known: sung for three in five, instrumental for one in eight, else nobody wrote them down.
Words words_of(Random& random);

/// An LRC file with a stamp a line. Two words in five are the genre's, one in five belongs to the topic that the words
/// block of the latent chooses, the rest are in every song. An instrumental has the tag that LRC collections use.
std::string lrc(const Track& track, const Tags& tags, Words words, Random random);

/// What the song is about: a row of topics().
size_t topic_of(const Track& track);

}  // namespace segue::simulation
