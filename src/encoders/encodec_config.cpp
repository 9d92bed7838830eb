#include "encoders/encodec.h"

namespace segue {

EncodecConfig read_encodec_config(const Path& folder) {
  const NetworkConfig json(folder / "config.json");
  const auto type = json.get("model_type", std::string()), norm = json.get("norm_type", std::string("weight_norm")), pad = json.get("pad_mode", std::string("reflect"));
  if (type != "encodec") throw Error("{}: no model_type '{}'; known: encodec", json.where(), type);
  if (norm != "weight_norm" && norm != "time_group_norm") throw Error("{}: norm_type '{}'; known: weight_norm, time_group_norm", json.where(), norm);
  if (pad != "reflect" && pad != "constant") throw Error("{}: pad_mode '{}'; known: reflect, constant", json.where(), pad);
  EncodecConfig config;
  config.sample_rate_hz = static_cast<int>(json.size("sampling_rate", 24'000, 1000));
  config.channels = json.size("audio_channels", 1);
  config.normalised = json.get("normalize", false);
  config.chunk_s = json.get("chunk_length_s", 0.0);
  config.overlap = json.get("overlap", 0.0);
  config.width = json.size("hidden_size", 128);
  config.filters = json.size("num_filters", 32);
  config.residuals = json.size("num_residual_layers", 1, 0);
  config.kernel = json.size("kernel_size", 7);
  config.last_kernel = json.size("last_kernel_size", 7);
  config.residual_kernel = json.size("residual_kernel_size", 3);
  config.growth = json.size("dilation_growth_rate", 2);
  config.compress = json.size("compress", 2);
  config.lstm_layers = json.size("num_lstm_layers", 2);
  config.ratios = json.sizes("upsampling_ratios", {8, 5, 4, 2});
  config.causal = json.get("use_causal_conv", true);
  config.shortcut = json.get("use_conv_shortcut", true);
  config.reflect = pad == "reflect";
  config.norm_over_time = norm == "time_group_norm";
  if (config.filters < config.compress) throw Error("{}: {} filters can't be compressed {} times", json.where(), config.filters, config.compress);
  if (config.chunk_s < 0 || config.overlap < 0 || config.overlap >= 1) throw Error("{}: chunks of {} s that overlap by {}", json.where(), config.chunk_s, config.overlap);
  return config;
}

}  // namespace segue
