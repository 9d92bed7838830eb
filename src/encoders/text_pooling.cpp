#include "encoders/text_pooling.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <fmt/ranges.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/registry.h"

namespace segue {
namespace {

using Json = nlohmann::json;

Tensor first(const Tensor& states) { return states[0]; }
Tensor last(const Tensor& states) { return states[states.size(0) - 1]; }
Tensor mean(const Tensor& states) { return states.mean(0); }
Tensor mean_by_root(const Tensor& states) { return states.sum(0) / std::sqrt(static_cast<double>(states.size(0))); }
Tensor largest(const Tensor& states) { return std::get<0>(states.max(0)); }

/// Each token counts as much as its place, from 1.
Tensor weighted_mean(const Tensor& states) {
  const Tensor place = at::arange(1, states.size(0) + 1, states.options());
  return (states * place.unsqueeze(1)).sum(0) / place.sum();
}

const Registry<TextPooling::Part>& ways() {
  static const Registry<TextPooling::Part> table{
      "pooling",
      {
          {"cls", first},
          {"max", largest},
          {"mean", mean},
          {"mean_sqrt_len_tokens", mean_by_root},
          {"weightedmean", weighted_mean},
          {"lasttoken", last},
      },
  };
  return table;
}

/// pooling_mode_mean_tokens → mean; the order is that in which several are put one behind the other.
constexpr std::pair<const char*, const char*> older[] = {{"pooling_mode_cls_token", "cls"},
                                                         {"pooling_mode_max_tokens", "max"},
                                                         {"pooling_mode_mean_tokens", "mean"},
                                                         {"pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens"},
                                                         {"pooling_mode_weightedmean_tokens", "weightedmean"},
                                                         {"pooling_mode_lasttoken", "lasttoken"}};

std::vector<std::string> chosen(const Json& config) {
  std::vector<std::string> names;
  const auto newer = config.find("pooling_mode");
  if (newer != config.end() && newer->is_array()) return newer->get<std::vector<std::string>>();
  if (newer != config.end() && !newer->is_null()) return {newer->get<std::string>()};
  for (const auto& [key, value] : config.items()) {
    if (!key.starts_with("pooling_mode_") || !value.is_boolean() || !value.get<bool>()) continue;
    const auto known = std::find_if(std::begin(older), std::end(older), [&](const auto& one) { return key == one.first; });
    if (known == std::end(older)) names.push_back(key);
  }
  for (const auto& [key, name] : older) {
    if (config.value(key, false)) names.emplace_back(name);
  }
  return names;
}

}  // namespace

TextPooling::TextPooling() : names_{"mean"}, parts_{mean} {}

TextPooling::TextPooling(const Json& config, const std::string& where) try {
  names_ = chosen(config);
  if (names_.empty()) throw Error("it chooses no pooling; known: {}", fmt::join(ways().names(), ", "));
  for (const auto& name : names_) parts_.push_back(ways().at(name));
} catch (const Json::exception& bad) {
  throw Error("{}: not as the configuration of a pooling should be: {}", where, bad.what());
} catch (const Error& unknown) {
  throw Error("{}: {}", where, unknown.what());
}

Tensor TextPooling::operator()(const Tensor& states) const {
  if (parts_.size() == 1) return parts_[0](states);
  std::vector<Tensor> all;
  for (const Part part : parts_) all.push_back(part(states));
  return at::cat(all);
}

std::string TextPooling::name() const { return fmt::format("{}", fmt::join(names_, "+")); }

}  // namespace segue
