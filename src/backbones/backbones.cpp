#include "backbones/backbone.h"
#include "backbones/bert4rec.h"
#include "backbones/gru4rec.h"
#include "backbones/sasrec.h"
#include "core/options.h"

namespace segue {
namespace {

template <class Row>
std::shared_ptr<Backbone> make(const YAML::Node& section, const BackboneSizes& sizes, YAML::Node& resolved) {
  typename Row::Options options;
  read_options(section, "backbone", options);
  write_options(options, resolved);
  if constexpr (requires { options.heads; }) {
    if (options.heads < 1 || sizes.width % options.heads != 0) throw Error("backbone.heads: a width of {} can't be split into {} heads", sizes.width, options.heads);
  }
  return std::make_shared<Row>(options, sizes);
}

}  // namespace

const Registry<MakeBackbone>& backbones() {
  static const Registry<MakeBackbone> table{
      "backbone",
      {
          {"bert4rec", make<Bert4Rec>},
          {"gru4rec", make<Gru4Rec>},
          {"sasrec", make<SasRec>},
      },
  };
  return table;
}

}  // namespace segue
