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

/// The row for a model: `name`, else what its config.json says. Throws Error where neither names an encoder of this kind.
std::string sound_encoder_for(const std::string& name, const Path& model);
std::string text_encoder_for(const std::string& name, const Path& model);

}  // namespace segue
