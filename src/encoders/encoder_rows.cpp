#include "encoders/encoder_rows.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/console.h"
#include "core/error.h"
#include "encoders/clap_audio.h"
#include "encoders/encodec.h"
#include "encoders/sentence_encoder.h"
#include "encoders/speech.h"

namespace segue {
namespace {

/// The model_type of a folder's config.json.
std::string type_of(const Path& model) {
  try {
    return nlohmann::json::parse(read_file(model / "config.json")).at("model_type");
  } catch (const nlohmann::json::exception& bad) {
    throw Error("{}: a config.json with a model_type is wanted: {}", (model / "config.json").string(), bad.what());
  }
}

template <class Row>
std::string row_for(const Registry<Row>& rows, const std::string& name, const Path& model) {
  if (name.empty() && model.empty()) throw Error("which encoder? --encoder names one, or --model a folder that says it; known: {}", fmt::join(rows.names(), ", "));
  const std::string row = name.empty() ? type_of(model) : name;
  rows.at(row);
  return row;
}

Path weights_of(const EncoderOptions& options, const char* row) {
  if (options.model.empty()) throw Error("encoder '{}' needs --model, the folder of its weights", row);
  return options.model;
}

OpenText sentences(const char* row) {
  return [row](const EncoderOptions& options) {
    return std::make_unique<SentenceEncoder>(weights_of(options, row), SentenceEncoder::Options{.storage = options.storage});
  };
}

std::unique_ptr<SoundEncoder> speech(const EncoderOptions& options) {
  return open_speech(weights_of(options, "hubert"), {.layer = options.layer});
}

}  // namespace

const Registry<OpenSound>& sound_encoders() {
  static const Registry<OpenSound> table{"encoder of sound",
                                         {
                                             {"clap", [](const EncoderOptions& options) { return open_clap(weights_of(options, "clap")); }},
                                             {"data2vec-audio", speech},
                                             {"encodec", [](const EncoderOptions& options) { return open_encodec(weights_of(options, "encodec")); }},
                                             {"hubert", speech},
                                             {"mert_model", speech},
                                             {"wav2vec2", speech},
                                         }};
  return table;
}

const Registry<OpenText>& text_encoders() {
  static const Registry<OpenText> table{"encoder of words",
                                        {
                                            {"bert", sentences("bert")},
                                            {"mpnet", sentences("mpnet")},
                                            {"roberta", sentences("roberta")},
                                            {"xlm-roberta", sentences("xlm-roberta")},
                                        }};
  return table;
}

std::string sound_encoder_for(const std::string& name, const Path& model) { return row_for(sound_encoders(), name, model); }
std::string text_encoder_for(const std::string& name, const Path& model) { return row_for(text_encoders(), name, model); }

}  // namespace segue
