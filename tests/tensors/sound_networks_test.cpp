#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "made_sound_networks.h"
#include "support/scratch.h"

namespace segue {
namespace {

struct Kind {
  const char* name;
  MadeSoundNetwork (*make)();
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class EverySoundNetwork : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override { made_.write(scratch_.folder()); }
  std::unique_ptr<SoundEncoder> open() const { return made_.open(scratch_.folder()); }
  std::string refusal() const {
    try {
      open();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  static Tensor wave(const SoundEncoder& encoder, double seconds) {
    const Tensor place = at::arange(static_cast<int64_t>(seconds * encoder.sample_rate_hz())).to(at::kFloat);
    return 0.3 * at::sin(place * 0.05) + 0.2 * at::sin(place * place * 1e-6);
  }

  const Scratch scratch_;
  MadeSoundNetwork made_ = GetParam().make();
};

TEST_P(EverySoundNetwork, MakesFramesOfItsWidthOfAnyLength) {
  const auto encoder = open();
  for (const double seconds : {encoder->shortest_s(), 1.37, encoder->window_s()}) {
    const Tensor frames = encoder->frames(wave(*encoder, seconds));
    ASSERT_EQ(frames.dim(), 2);
    EXPECT_GE(frames.size(0), 1) << seconds;
    EXPECT_EQ(frames.size(1), encoder->width());
    EXPECT_FALSE(frames.requires_grad());
  }
}

TEST_P(EverySoundNetwork, HearsSilence) {
  const auto encoder = open();
  EXPECT_TRUE(encoder->frames(at::zeros({2 * encoder->sample_rate_hz()})).isfinite().all().item<bool>());
}

TEST_P(EverySoundNetwork, MakesTheSameWhateverTheThreads) {
  const auto encoder = open();
  const Tensor heard = wave(*encoder, 3), first = encoder->frames(heard);
  const int before = at::get_num_threads();
  at::set_num_threads(3);
  EXPECT_TRUE(encoder->frames(heard).equal(first));
  at::set_num_threads(before);
  std::vector<Tensor> made(3);
  std::vector<std::thread> threads;
  for (auto& frames : made) threads.emplace_back([&] { frames = encoder->frames(heard); });
  for (auto& thread : threads) thread.join();
  for (const auto& frames : made) EXPECT_TRUE(frames.equal(first));
}

TEST_P(EverySoundNetwork, RefusesWeightsThatAreNotFiniteByName) {
  made_.weights.at(made_.some_weight).view({-1})[1] = std::numeric_limits<float>::quiet_NaN();
  made_.write(scratch_.folder());
  EXPECT_NE(refusal().find("'" + made_.some_weight + "' has numbers that are not finite"), std::string::npos) << refusal();
}

TEST_P(EverySoundNetwork, RefusesWeightsThatAreMissingOrOfAnotherShapeByName) {
  const Tensor whole = made_.weights.at(made_.some_weight);
  made_.weights.at(made_.some_weight) = at::cat({whole, whole}).contiguous();
  made_.write(scratch_.folder());
  EXPECT_NE(refusal().find("'" + made_.some_weight + "' is ["), std::string::npos) << refusal();
  made_.weights.erase(made_.some_weight);
  made_.write(scratch_.folder());
  EXPECT_NE(refusal().find("'" + made_.some_weight + "'"), std::string::npos) << refusal();
}

TEST_P(EverySoundNetwork, RefusesAnotherModelTypeWithThoseThatAreKnown) {
  const std::string type = made_.config.at("model_type");
  made_.config["model_type"] = "whisper";
  made_.write(scratch_.folder());
  EXPECT_NE(refusal().find("'whisper'; known: "), std::string::npos) << refusal();
  EXPECT_NE(refusal().find(type), std::string::npos) << refusal();
}

TEST_P(EverySoundNetwork, RefusesConfigsThatAreDamagedOrAbsurd) {
  scratch_.file("config.json", "{");
  EXPECT_NE(refusal().find("damaged"), std::string::npos) << refusal();
  const auto whole = made_.config;
  for (const auto& [name, value] : whole.items()) {
    if (!value.is_number_integer() || (name == "conv_pos_kernel_size" && made_.config.at("model_type") != "data2vec-audio")) continue;
    made_.config = whole;
    made_.config[name] = -3;
    made_.write(scratch_.folder());
    EXPECT_NE(refusal().find(name), std::string::npos) << name << ": " << refusal();
    made_.config[name] = "many";
    made_.write(scratch_.folder());
    EXPECT_NE(refusal().find(name), std::string::npos) << name << ": " << refusal();
  }
}

TEST_P(EverySoundNetwork, SaysAnotherSpaceForOtherWeights) {
  const auto space = open()->space();
  EXPECT_EQ(open()->space(), space);
  made_.weights.at(made_.some_weight) += 1;
  made_.write(scratch_.folder());
  EXPECT_NE(open()->space(), space);
}

TEST_P(EverySoundNetwork, RefusesSoundThatIsNotFinite) {
  const auto encoder = open();
  Tensor heard = wave(*encoder, 1.5).clone();
  heard[20] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(encoder->frames(heard), Error);
}

INSTANTIATE_TEST_SUITE_P(Kinds, EverySoundNetwork,
                         testing::Values(Kind{"hubert", [] { return made_speech("hubert", false); }}, Kind{"hubert_pre_norm", [] { return made_speech("hubert", true); }},
                                         Kind{"mert", [] { return made_speech("mert_model", false, "hubert."); }}, Kind{"wav2vec2", [] { return made_speech("wav2vec2", false, "wav2vec2."); }},
                                         Kind{"data2vec", [] { return made_speech("data2vec-audio", true); }}, Kind{"encodec", [] { return made_encodec(false); }},
                                         Kind{"encodec_stereo", [] { return made_encodec(true); }}, Kind{"clap", made_clap}),
                         [](const auto& row) { return row.param.name; });

Tensor some_wave(int64_t samples) { return at::sin(at::arange(samples).to(at::kFloat) * 0.07); }

TEST(SpeechEncoder, GivesTheStatesOfALayerThatIsAskedFor) {
  const Scratch scratch;
  made_speech("hubert", true).write(scratch.folder());
  const SpeechNetwork network(scratch.folder());
  const Tensor wave = some_wave(4000), convolutions = network.convolutions(network.prepared(wave));
  for (const int64_t layer : {-1, 0, 1, 2}) {
    const auto encoder = open_speech(scratch.folder(), {.layer = layer});
    EXPECT_TRUE(encoder->frames(wave).equal(network.states(convolutions, layer).detach())) << layer;
    EXPECT_NE(encoder->space().find("layer=" + std::to_string(layer)), std::string::npos);
  }
  EXPECT_THROW(open_speech(scratch.folder(), {.layer = 3}), Error);
  EXPECT_THROW(open_speech(scratch.folder(), {.layer = -2}), Error);
}

TEST(SpeechEncoder, TakesItsRateFromTheFrontEnd) {
  const Scratch scratch;
  made_speech("mert_model", false).write(scratch.folder());
  EXPECT_EQ(open_speech(scratch.folder())->sample_rate_hz(), 24'000);
  const auto space = open_speech(scratch.folder())->space();
  scratch.file("preprocessor_config.json", R"({"sampling_rate": 22050, "do_normalize": false})");
  const auto other = open_speech(scratch.folder());
  EXPECT_EQ(other->sample_rate_hz(), 22'050);
  EXPECT_NE(other->space(), space);
  EXPECT_FALSE(other->frames(some_wave(9000)).equal(other->frames(some_wave(9000) * 2)));  // loudness counts
}

// So many frames that the convolutions go over the wave in pieces.
TEST(SpeechEncoder, HearsALongWaveAsAShortOneButForItsPieces) {
  for (const char* type : {"wav2vec2", "data2vec-audio"}) {
    const Scratch scratch;
    made_speech(type, std::string(type) != "wav2vec2").write(scratch.folder());
    const SpeechNetwork network(scratch.folder());
    const Tensor wave = some_wave(60'003), all = network.convolutions(wave);
    EXPECT_EQ(all.size(0), network.config().frames(wave.size(0)));
    if (std::string(type) == "wav2vec2") continue;  // there every frame depends on all samples
    const Tensor part = network.convolutions(wave.narrow(0, 300 * network.config().step(), 4000));
    EXPECT_LT((all.narrow(0, 300, part.size(0)) - part).abs().max().item<double>(), 1e-5);
  }
}

TEST(WeightNorm, IsReadInThreeSpellings) {
  const Scratch scratch;
  auto made = made_speech("hubert", false);
  made.write(scratch.folder());
  const Tensor wave = some_wave(5000), wanted = open_speech(scratch.folder())->frames(wave);
  const std::string name = "encoder.pos_conv_embed.conv.";
  const Tensor lengths = made.weights.at(name + "weight_g"), direction = made.weights.at(name + "weight_v");
  made.weights.erase(name + "weight_g"), made.weights.erase(name + "weight_v");
  auto newer = made, plain = made;
  newer.weights[name + "parametrizations.weight.original0"] = lengths;
  newer.weights[name + "parametrizations.weight.original1"] = direction;
  newer.write(scratch.folder());
  EXPECT_TRUE(open_speech(scratch.folder())->frames(wave).equal(wanted));
  plain.weights[name + "weight"] = (direction * lengths / direction.square().sum({0, 1}, true).sqrt()).contiguous();
  plain.write(scratch.folder());
  EXPECT_LT((open_speech(scratch.folder())->frames(wave) - wanted).abs().max().item<double>(), 1e-5);
  made.write(scratch.folder());
  EXPECT_THROW(open_speech(scratch.folder()), Error);
}

TEST(Encodec, HearsChunksOnTheirOwn) {
  const Scratch scratch;
  made_encodec(true).write(scratch.folder());
  const auto encoder = open_encodec(scratch.folder());
  const Tensor wave = some_wave(20'000), frames = encoder->frames(wave);
  EXPECT_EQ(frames.size(0), 1000 + 1000 + (20'000 - 2 * 7920) / 8);  // chunks of a second, a hundredth of which is heard twice
  EXPECT_TRUE(frames.narrow(0, 1000, 1000).equal(encoder->frames(wave.narrow(0, 7920, 8000)).narrow(0, 0, 1000)));
}

TEST(Clap, MakesVectorsOfLengthOneWindowByWindow) {
  const Scratch scratch;
  made_clap().write(scratch.folder());
  const auto encoder = open_clap(scratch.folder());
  EXPECT_EQ(encoder->sample_rate_hz(), 48'000);
  EXPECT_EQ(encoder->window_s(), 10);
  const Tensor wave = some_wave(480'000 * 2 + 48'000 + 5), frames = encoder->frames(wave);
  ASSERT_EQ(frames.size(0), 3);
  EXPECT_LT((frames.norm(2, 1) - 1).abs().max().item<double>(), 1e-5);
  EXPECT_TRUE(frames[1].equal(encoder->frames(wave.narrow(0, 480'000, 480'000))[0]));
}

TEST(Clap, PadsAShortWaveAsTheFrontEndSays) {
  const Scratch scratch;
  const Tensor wave = some_wave(150'000);
  const auto features = [&](const char* padding) {
    scratch.file("preprocessor_config.json", std::string(R"({"padding": ")") + padding + "\"}");
    return ClapFeatures(scratch.folder(), ClapFeatures::Mel::slaney);
  };
  const Tensor repeated = features("repeatpad")(wave), longer = features("repeat")(wave), zeros = features("pad")(wave);
  EXPECT_TRUE(repeated.equal(features("pad")(wave.repeat({3}))));
  EXPECT_TRUE(longer.equal(features("pad")(wave.repeat({4}).narrow(0, 0, 480'000))));
  EXPECT_FALSE(zeros.equal(repeated));
  EXPECT_EQ(zeros[900].max().item<float>(), -100);  // silence
  EXPECT_THROW(features("mirror"), Error);
  made_clap().write(scratch.folder());
  features("pad");
  const auto space = open_clap(scratch.folder())->space();
  features("repeat");
  EXPECT_NE(open_clap(scratch.folder())->space(), space);
}

}  // namespace
}  // namespace segue
