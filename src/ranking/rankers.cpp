#include "ranking/chance.h"
#include "ranking/counters.h"
#include "ranking/follow.h"
#include "ranking/item_knn.h"
#include "ranking/markov.h"
#include "ranking/popular.h"
#include "ranking/ranker.h"
#include "ranking/repeats.h"
#include "ranking/stan.h"
#include "ranking/v_sknn.h"

#include <stdexcept>

namespace segue {
namespace {

template <class Row>
std::unique_ptr<Ranker> make(const Lesson& lesson) {
  return std::make_unique<Row>(lesson);
}

}  // namespace

std::unique_ptr<Scorer> Ranker::read_without(int32_t, const RankerPart& part) const { throw std::logic_error("Ranker: no part '" + part.name + "'"); }

const Registry<MakeRanker>& rankers() {
  static const Registry<MakeRanker> table{
      "ranker",
      {
          {"random", make<Chance>},
          {"popular", make<Popular>},
          {"recently-popular", make<RecentlyPopular>},
          {"personal", make<Personal>},
          {"personal-50", make<PersonalLatest>},
          {"repeat-hours", make<RepeatHours>},
          {"repeat-plays", make<RepeatPlays>},
          {"markov", make<Markov>},
          {"item-knn", make<ItemKnn>},
          {"v-sknn", make<VSknn>},
          {"follow", make<Follow>},
          {"stan", make<Stan>},
          {"counters", make<Counters>},
      },
  };
  return table;
}

}  // namespace segue
