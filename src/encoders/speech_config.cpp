#include "encoders/speech_config.h"

#include "core/registry.h"

namespace segue {
namespace {

void read_one_kernel(const NetworkConfig& json, SpeechConfig& config) {
  config.position_kernel = json.size("num_conv_pos_embeddings", 128);
  const auto norm = json.get("feat_extract_norm", std::string("group"));
  if (norm != "group" && norm != "layer") throw Error("{}: feat_extract_norm '{}'; known: group, layer", json.where(), norm);
  config.conv_norm_each = norm == "layer";
  config.pre_norm = json.get("do_stable_layer_norm", false);
}

void read_hubert(const NetworkConfig& json, SpeechConfig& config) {
  config.prefix = "hubert.";
  read_one_kernel(json, config);
  config.projection_norm = json.get("feat_proj_layer_norm", true);
  if (json.get("conv_pos_batch_norm", false)) config.position_norm = SpeechConfig::PositionNorm::batch;
}

/// HuBERT with settings of its own. attention_relax only keeps 16-bit numbers from overflowing: the result is the same.
void read_mert(const NetworkConfig& json, SpeechConfig& config) {
  read_hubert(json, config);
  config.sample_rate_hz = 24'000;
  for (const char* setting : {"feature_extractor_cqt", "deepnorm"}) {
    if (json.get(setting, false)) throw Error("{}: {} is not supported", json.where(), setting);
  }
}

void read_wav2vec_2(const NetworkConfig& json, SpeechConfig& config) {
  config.prefix = "wav2vec2.";
  read_one_kernel(json, config);
  if (json.has("adapter_attn_dim")) throw Error("{}: adapter_attn_dim is not supported", json.where());
}

void read_data2vec(const NetworkConfig& json, SpeechConfig& config) {
  config.prefix = "data2vec_audio.";
  config.conv_norm_each = true;
  config.position_norm = SpeechConfig::PositionNorm::each;
  config.position_layers = json.size("num_conv_pos_embeddings", 5);
  config.position_kernel = json.size("conv_pos_kernel_size", 19);
}

using Read = void (*)(const NetworkConfig&, SpeechConfig&);
const Registry<Read>& model_types() {
  static const Registry<Read> table{
      "model_type",
      {{"hubert", read_hubert}, {"mert_model", read_mert}, {"wav2vec2", read_wav2vec_2}, {"data2vec-audio", read_data2vec}},
  };
  return table;
}

void read_convolutions(const NetworkConfig& json, SpeechConfig& config) {
  config.conv_dim = json.sizes("conv_dim", std::vector<int64_t>(7, 512));
  config.conv_kernel = json.sizes("conv_kernel", {10, 3, 3, 3, 3, 2, 2});
  config.conv_stride = json.sizes("conv_stride", {5, 2, 2, 2, 2, 2, 2});
  config.conv_bias = json.get("conv_bias", false);
  config.conv_activation = activation_of(json, "feat_extract_activation", "gelu");
  if (config.conv_kernel.size() != config.conv_dim.size() || config.conv_stride.size() != config.conv_dim.size()) {
    throw Error("{}: conv_dim, conv_kernel and conv_stride have {}, {} and {} numbers; as many in each would do", json.where(), config.conv_dim.size(), config.conv_kernel.size(), config.conv_stride.size());
  }
}

void read_front_end(const Path& folder, SpeechConfig& config) {
  const auto json = NetworkConfig::if_there(folder / "preprocessor_config.json");
  config.sample_rate_hz = static_cast<int>(json.size("sampling_rate", config.sample_rate_hz, 1000));
  config.normalised = json.get("do_normalize", true);
}

}  // namespace

int64_t SpeechConfig::reach() const {
  int64_t samples = 1;
  for (size_t layer = conv_dim.size(); layer-- > 0;) samples = (samples - 1) * conv_stride[layer] + conv_kernel[layer];
  return samples;
}

int64_t SpeechConfig::step() const {
  int64_t samples = 1;
  for (const int64_t stride : conv_stride) samples *= stride;
  return samples;
}

int64_t SpeechConfig::frames(int64_t samples) const { return samples < reach() ? 0 : (samples - reach()) / step() + 1; }

SpeechConfig read_speech_config(const Path& folder) {
  const NetworkConfig json(folder / "config.json");
  SpeechConfig config;
  config.model_type = json.get("model_type", std::string());
  Read read = nullptr;
  try {
    read = model_types().at(config.model_type);
  } catch (const Error& unknown) {
    throw Error("{}: {}", json.where(), unknown.what());
  }
  read(json, config);
  read_convolutions(json, config);
  config.width = json.size("hidden_size", 768);
  config.inner = json.size("intermediate_size", 3072);
  config.layers = json.size("num_hidden_layers", 12);
  config.heads = json.size("num_attention_heads", 12);
  config.position_groups = json.size("num_conv_pos_embedding_groups", 16);
  config.epsilon = json.get("layer_norm_eps", config.epsilon);
  config.activation = activation_of(json, "hidden_act", "gelu");
  if (json.get("add_adapter", false)) throw Error("{}: add_adapter is not supported", json.where());
  if (config.width % config.heads != 0) throw Error("{}: {} heads can't share {} numbers", json.where(), config.heads, config.width);
  if (config.width % config.position_groups != 0) throw Error("{}: num_conv_pos_embedding_groups: {} can't share {} numbers", json.where(), config.position_groups, config.width);
  read_front_end(folder, config);
  return config;
}

}  // namespace segue
