#include "backbones/backbone.h"
#include "backbones/bert4rec.h"
#include "backbones/gru4rec.h"
#include "backbones/language_model.h"
#include "backbones/sasrec.h"
#include "core/options.h"
#include "layers/rows.h"

namespace segue {

Tensor Backbone::go_on(const Batch&, const Tensor&, std::span<Recollection* const>) { TORCH_CHECK(false, "Backbone: this one does not recollect"); }

Tensor Backbone::states_at(const Batch& batch, const Tensor& plays, const Tensor& places) {
  const Tensor states = forward(batch, plays);
  return rows_of(states.reshape({-1, states.size(2)}), places);
}

namespace {

template <class Row>
typename Row::Options options_of(const YAML::Node& section, int64_t width) {
  typename Row::Options options;
  read_options(section, "backbone", options);
  if constexpr (requires { options.settle(); }) options.settle();
  if constexpr (requires { options.heads; }) {
    if (options.heads < 1 || width % options.heads != 0) throw Error("backbone.heads: a width of {} can't be split into {} heads", width, options.heads);
  }
  return options;
}

template <class Row>
YAML::Node resolve(const YAML::Node& section, int64_t width) {
  YAML::Node resolved(YAML::NodeType::Map);
  write_options(options_of<Row>(section, width), resolved);
  return resolved;
}

template <class Row>
std::shared_ptr<Backbone> make(const YAML::Node& section, const BackboneSizes& sizes) {
  return std::make_shared<Row>(options_of<Row>(section, sizes.width), sizes);
}

template <class Row>
Teller teller(const YAML::Node& section, const Texts& artist, const Texts& title) {
  if constexpr (requires { &Row::teller; }) return Row::teller(options_of<Row>(section, 1), artist, title);
  return {};
}

template <class Row>
BackboneWeights weights(const YAML::Node& section, const BackboneSizes& sizes) {
  if constexpr (requires { &Row::weights; }) return Row::weights(options_of<Row>(section, sizes.width), sizes);
  BackboneWeights all;
  for (const auto& weight : make<Row>(section, sizes)->parameters()) all.learned += weight.numel();
  return all;
}

template <class Row>
constexpr BackboneRow row{resolve<Row>, teller<Row>, make<Row>, weights<Row>};

}  // namespace

const Registry<BackboneRow>& backbones() {
  static const Registry<BackboneRow> table{
      "backbone",
      {
          {"bert4rec", row<Bert4Rec>},
          {"gru4rec", row<Gru4Rec>},
          {"language", row<LanguageModel>},
          {"sasrec", row<SasRec>},
      },
  };
  return table;
}

}  // namespace segue
