#include "encoders/clap_config.h"

namespace segue {
namespace {

void check(const NetworkConfig& json, const ClapAudioConfig& config) {
  if (config.heads.size() != config.depths.size() || config.depths.size() > 12) throw Error("{}: {} depths and {} num_attention_heads", json.where(), config.depths.size(), config.heads.size());
  if (config.picture % config.bands != 0) throw Error("{}: num_mel_bins {} don't fit into spec_size {}", json.where(), config.bands, config.picture);
  for (size_t stage = 0; stage < config.depths.size(); ++stage) {
    if ((config.width << stage) % config.heads[stage] != 0) throw Error("{}: {} heads can't share {} numbers", json.where(), config.heads[stage], config.width << stage);
    for (const int64_t stride : config.stride) {
      const int64_t side = config.picture / stride >> stage;
      if (side < config.window || side << stage != config.picture / stride) {
        throw Error("{}: window_size {} and {} stages, of which the {}. has {} patches in a row; as many as a window and an even number before the last would do", json.where(), config.window, config.depths.size(), stage + 1, side);
      }
    }
  }
  if (!json.get("flatten_patch_embeds", true)) throw Error("{}: flatten_patch_embeds is wanted", json.where());
  if (config.fused && json.get("fusion_type", std::string()) == "channel_map") throw Error("{}: fusion_type channel_map is not supported", json.where());
}

}  // namespace

ClapAudioConfig read_clap_audio_config(const Path& folder) {
  const NetworkConfig whole(folder / "config.json");
  const auto type = whole.get("model_type", std::string());
  if (type != "clap" && type != "clap_audio_model") throw Error("{}: no model_type '{}'; known: clap, clap_audio_model", whole.where(), type);
  const NetworkConfig json = type == "clap" ? whole.section("audio_config") : whole;
  ClapAudioConfig config;
  config.bands = json.size("num_mel_bins", 64);
  config.picture = json.size("spec_size", 256);
  config.input_channels = json.size("patch_embed_input_channels", 1);
  config.patch = json.pair("patch_size", 4);
  config.stride = json.pair("patch_stride", 4);
  config.width = json.size("patch_embeds_hidden_size", 96);
  config.depths = json.sizes("depths", {2, 2, 6, 2});
  config.heads = json.sizes("num_attention_heads", {4, 8, 16, 32});
  config.window = json.size("window_size", 8);
  config.inner = json.get("mlp_ratio", 4.0);
  config.epsilon = json.get("layer_norm_eps", 1e-5);
  config.qkv_bias = json.get("qkv_bias", true);
  config.patch_norm = json.get("enable_patch_layer_norm", true);
  config.fused = json.get("enable_fusion", false);
  config.activation = activation_of(json, "hidden_act", "gelu");
  config.projection = whole.size("projection_dim", 512);
  config.projection_activation = activation_of(whole, "projection_hidden_act", "relu");
  check(json, config);
  return config;
}

}  // namespace segue
