#pragma once

#include <functional>
#include <memory>

#include "core/files.h"
#include "core/registry.h"
#include "encoders/sound_encoder.h"
#include "encoders/text_encoder.h"

namespace segue {

/// What a person may set of an encoder.
struct EncoderOptions {
  Path model;           // a folder in the layout of Hugging Face; empty for encoders that have no weights
  int64_t layer = -1;   // of a network of layers: whose states; -1: the last
  std::string storage;  // of an encoder of words: f32, int8; empty: f32
};

using OpenSound = std::function<std::unique_ptr<SoundEncoder>(const EncoderOptions&)>;
using OpenText = std::function<std::unique_ptr<TextEncoder>(const EncoderOptions&)>;

/// Named as the `model_type` of their config.json where they have one.
const Registry<OpenSound>& sound_encoders();
const Registry<OpenText>& text_encoders();

/// What a model's config.json calls it. Throws Error where it has none.
std::string model_type(const Path& model);

}  // namespace segue
