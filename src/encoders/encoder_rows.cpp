#include "encoders/encoder_rows.h"


#include "core/error.h"
#include "encoders/clap_audio.h"
#include "encoders/clap_text.h"
#include "encoders/descriptors.h"
#include "encoders/encodec.h"
#include "encoders/mfcc.h"
#include "encoders/musicnn.h"
#include "encoders/network_config.h"
#include "encoders/sentence_encoder.h"
#include "encoders/speech.h"

namespace segue {
namespace {

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
                                             {"descriptors", [](const EncoderOptions&) { return std::make_unique<Descriptors>(Descriptors::Options{}); }},
                                             {"encodec", [](const EncoderOptions& options) { return open_encodec(weights_of(options, "encodec")); }},
                                             {"hubert", speech},
                                             {"mert_model", speech},
                                             {"mfcc", [](const EncoderOptions&) { return std::make_unique<Mfcc>(Mfcc::Options{}); }},
                                             {"musicnn", [](const EncoderOptions& options) { return std::make_unique<Musicnn>(weights_of(options, "musicnn")); }},
                                             {"wav2vec2", speech},
                                         }};
  return table;
}

const Registry<OpenText>& text_encoders() {
  static const Registry<OpenText> table{"encoder of words",
                                        {
                                            {"bert", sentences("bert")},
                                            {"clap", [](const EncoderOptions& options) { return open_clap_text(weights_of(options, "clap")); }},
                                            {"mpnet", sentences("mpnet")},
                                            {"roberta", sentences("roberta")},
                                            {"xlm-roberta", sentences("xlm-roberta")},
                                        }};
  return table;
}

std::string model_type(const Path& model) {
  const std::string type = model_type_of(model);
  if (type.empty()) throw Error("{}: a config.json with a model_type is wanted", (model / "config.json").string());
  return type;
}

}  // namespace segue
