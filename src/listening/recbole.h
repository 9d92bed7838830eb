#pragma once

#include "listening/importer.h"

namespace segue {

/// RecBole's atomic files: .inter with a header of typed columns (user_id:token, item_id:token, timestamp:float), divided
/// by tabs. Names of the items come from the .item file beside it, where there is one.
std::unique_ptr<Importer> make_recbole(const Importer::Options& options);

}  // namespace segue
