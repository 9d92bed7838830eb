#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/files.h"
#include "language/decoder.h"

namespace segue {

/// LoRA on layers of a decoder, in PEFT's layout: adapter_config.json and adapter_model.safetensors.
struct AdapterOptions {
  int64_t rank = 16;
  double alpha = 32;
  double dropout = 0.05;
  bool rank_stabilised = false;  // scale alpha / √rank (Kalajdzievski, 2023, arXiv:2312.03732) instead of alpha / rank
  std::vector<std::string> layers{"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"};

  double scale() const;
};

/// The factors of all layers by PEFT's name: "base_model.model.model.layers.0.mlp.up_proj.lora_A.weight", …
std::map<std::string, Tensor> adapter_weights(const Decoder& decoder);

/// Puts fresh factors on the layers: A uniform within ±1 / √in (as PEFT's), B nothing, so that the decoder begins as it
/// is. Equal seeds give equal bits. Throws Error on a layer that is not known.
void add_adapter(Decoder& decoder, const AdapterOptions& options, uint64_t seed);

/// What adapter_config.json says. Throws Error: no adapter there, a damaged one, or with something that is not supported.
AdapterOptions read_adapter_options(const Path& folder);

/// dropout: instead of its own. Throws Error besides where the adapter is of a decoder with other layers, and where it says
/// that it is of another model than `fingerprint`.
AdapterOptions load_adapter(Decoder& decoder, const Path& folder, std::optional<double> dropout = {}, const std::string& fingerprint = {});

/// Each file appears whole. base: what the adapter is for, as PEFT's base_model_name_or_path; fingerprint: of the same.
void save_adapter(const Decoder& decoder, const AdapterOptions& options, const Path& folder, const std::string& base, const std::string& fingerprint = {});

}  // namespace segue
