#include "training/zero_shot.h"

#include <fmt/format.h>

#include "core/options.h"
#include "ranking/backbone_states.h"
#include "ranking/language_embedding.h"
#include "ranking/language_likelihood.h"
#include "training/configuration.h"

namespace segue {
namespace {

/// A model as it is, with its tokenizer.
struct Words {
  explicit Words(const ZeroShotOptions& options) : decoder(options.folder, {options.layers, storage_named(options.storage), LayerRoom::asked_for()}), tokenizer(open_tokenizer(options.folder)) {
    if (!options.device.is_cpu()) decoder.to(options.device);
  }
  Decoder decoder;
  std::unique_ptr<Tokenizer> tokenizer;
};

std::string named(const char* kind, const ZeroShotOptions& options) {
  return fmt::format("{} ({})", kind, std::filesystem::absolute(options.folder).lexically_normal().filename().string());
}

std::vector<TrainedRanker> embedding(const Prepared& prepared, const ZeroShotOptions& options) {
  const auto words = std::make_shared<Words>(options);
  return {{.name = named("embedding", options), .make = [&prepared, options, words](const std::vector<Asked>& asked) -> std::unique_ptr<Ranker> {
    std::vector<std::string> texts;
    for (int32_t j = 0; j < prepared.log.tracks; ++j) texts.push_back(words_of_track(prepared.artist, prepared.title, j));
    const EmbeddingOptions how{.history = options.history};
    auto vectors = text_vectors(words->decoder, *words->tokenizer, texts);
    auto model = std::make_shared<VectorModel>(embedding_model(std::move(vectors), words->decoder.config().width, prepared.log, how));
    return std::make_unique<EmbeddingRanker>(std::move(model), asked, how);
  }}};
}

std::vector<TrainedRanker> likelihood(const Prepared& prepared, const ZeroShotOptions& options) {
  const auto words = std::make_shared<Words>(options);
  const auto known = std::make_shared<std::shared_ptr<const Likelihoods>>();  // of both rankers
  const auto ranker = [=, &prepared](bool lift) {
    return [=, &prepared](const std::vector<Asked>& asked, const std::vector<std::vector<int32_t>>& candidates) -> std::unique_ptr<Ranker> {
      if (*known == nullptr) {
        *known = std::make_shared<Likelihoods>(likelihoods(words->decoder, *words->tokenizer, prepared.log, prepared.artist, prepared.title, asked,
                                                           candidates, {.history = options.history}));
      }
      return std::make_unique<LikelihoodRanker>(*known, lift);
    };
  };
  return {{.name = named("likelihood", options), .make_among = ranker(false)}, {.name = named("lift", options), .make_among = ranker(true)}};
}

std::vector<TrainedRanker> untrained(const Prepared& prepared, const ZeroShotOptions& options) {
  struct Random {
    Random(const Prepared& prepared, const ZeroShotOptions& options, const Configuration& configuration) : table(prepared.log, 0) {
      std::vector<int32_t> row;
      for (int32_t j = 0; j < prepared.log.tracks; ++j) row.push_back(j);
      model = make_model(configuration, row, prepared.log.tracks, options.seed);
      model->to(options.device);
      vectors = vector_model(*model, table, {.length = configuration.windows.length});
    }
    PlayTable table;
    std::shared_ptr<SequenceModel> model;
    VectorModel vectors;
  };
  const int64_t positions = std::min<int64_t>(128, read_decoder_config(options.folder).positions);
  const Configuration configuration(read_config("", {
      "backbone.name=language", "backbone.folder=" + options.folder, fmt::format("backbone.layers={}", options.layers), fmt::format("backbone.storage=\"{}\"", options.storage), "backbone.rank=0", "backbone.pool=response",
      "backbone.head=classifier", "backbone.response=\"\\n### Response:\\n\"", "backbone.chat=false", fmt::format("backbone.positions={}", positions), "windows.length=50",
      "items.unit=false", "plays.gap=false", "plays.session=false", "plays.completion=false", "plays.followed=false"}));
  return {{.name = named("untrained", options),
           .make = [&prepared, options, configuration](const std::vector<Asked>& asked) -> std::unique_ptr<Ranker> {
             struct Ready : Ranker {
               Ready(const Prepared& prepared, const ZeroShotOptions& options, const Configuration& configuration, const std::vector<Asked>& asked)
                   : random(prepared, options, configuration), ranker(random.vectors, asked) {}
               std::unique_ptr<Scorer> read(int32_t who) const override { return ranker.read(who); }
               Random random;
               VectorRanker ranker;
             };
             return std::make_unique<Ready>(prepared, options, configuration, asked);
           },
           .is_chance = true}};
}

}  // namespace

const Registry<MakeZeroShot>& zero_shot_kinds() {
  static const Registry<MakeZeroShot> table{
      "zero-shot kind",
      {
          {"embedding", embedding},
          {"likelihood", likelihood},
          {"untrained", untrained},
      },
  };
  return table;
}

}  // namespace segue
