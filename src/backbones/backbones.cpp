#include "backbones/backbone.h"
#include "backbones/bert4rec.h"
#include "backbones/gru4rec.h"
#include "backbones/language_model.h"
#include "backbones/sasrec.h"
#include "core/options.h"

namespace segue {
namespace {

template <class Row>
typename Row::Options options_of(const YAML::Node& section, int64_t width) {
  typename Row::Options options;
  read_options(section, "backbone", options);
  if constexpr (requires { options.folder; }) {
    if (!options.folder.empty()) options.folder = std::filesystem::absolute(options.folder).lexically_normal().string();
  }
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
constexpr BackboneRow row{resolve<Row>, make<Row>};

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
