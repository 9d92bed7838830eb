#include "ranking/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/parallel.h"
#include "ranking/lbfgs.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t states = Situation::numbers;

void weigh(std::span<const double> table, const Situation::State& state, std::vector<float>& weights) {
  weights.assign(table.size() / states, 0);
  for (size_t f = 0; f < weights.size(); ++f) {
    double weight = 0;
    for (size_t s = 0; s < states; ++s) weight += table[f * states + s] * state[s];
    weights[f] = static_cast<float>(weight);
  }
}

/// Scores → chances, in place; returns the logarithm of what they were divided by.
double softmax(std::vector<double>& scores) {
  const double most = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (auto& score : scores) sum += score = std::exp(score - most);
  for (auto& score : scores) score /= sum;
  return most + std::log(sum);
}

/// stride: from one candidate's clues to the next's.
void score_all(std::span<const float> clues, size_t stride, const std::vector<float>& weights, std::vector<double>& scores) {
  scores.resize(clues.size() / stride);
  for (size_t c = 0; c < scores.size(); ++c) {
    const float* row = clues.data() + c * stride;
    float score = 0;
    for (size_t f = 0; f < weights.size(); ++f) score += row[f] * weights[f];
    scores[c] = score;
  }
}

/// The loss of one example and its gradient, added to `gradient` where there is one.
class OneLoss {
 public:
  double operator()(const ExampleView& examples, size_t i, std::span<const double> table, std::vector<double>* gradient) {
    const auto clues = examples.of(i);
    const auto right = examples.right(i);
    weigh(table, examples.state(i), weights_);
    score_all(clues, examples.stride(), weights_, chances_);
    const double score = chances_[right];
    const double loss = softmax(chances_) - score;
    if (gradient == nullptr) return loss;
    chances_[right] -= 1;
    slope_.assign(weights_.size(), 0);
    for (size_t c = 0; c < chances_.size(); ++c) {
      const float* row = clues.data() + c * examples.stride();
      const auto chance = static_cast<float>(chances_[c]);
      for (size_t f = 0; f < slope_.size(); ++f) slope_[f] += chance * row[f];
    }
    const auto& state = examples.state(i);
    for (size_t f = 0; f < slope_.size(); ++f) {
      for (size_t s = 0; s < states; ++s) (*gradient)[f * states + s] += slope_[f] * state[s];
    }
    return loss;
  }

 private:
  std::vector<float> weights_, slope_;
  std::vector<double> chances_;
};

/// Summed over blocks that don't depend on the number of threads, so that the result doesn't either.
double mean_loss(const ExampleView& examples, const std::vector<double>& table, std::vector<double>* gradient) {
  constexpr size_t blocks = 32;
  std::vector<std::vector<double>> slopes(blocks);
  std::vector<double> losses(blocks, 0.0);
  parallel_for(blocks, [&](int64_t job) {
    const auto b = static_cast<size_t>(job);
    if (gradient != nullptr) slopes[b].assign(table.size(), 0.0);
    OneLoss one;
    for (size_t i = b * examples.size() / blocks; i < (b + 1) * examples.size() / blocks; ++i) {
      losses[b] += one(examples, i, table, gradient == nullptr ? nullptr : &slopes[b]);
    }
  });
  const double share = 1 / static_cast<double>(examples.size());
  double loss = 0;
  for (const double part : losses) loss += part * share;
  if (gradient != nullptr) {
    std::fill(gradient->begin(), gradient->end(), 0.0);
    for (const auto& slope : slopes) {
      for (size_t k = 0; k < table.size(); ++k) (*gradient)[k] += slope[k] * share;
    }
  }
  return loss;
}

}  // namespace

void Examples::add(const Evidence& evidence, size_t right) {
  state_.push_back(evidence.state);
  right_.push_back(right);
  values_.insert(values_.end(), evidence.clues.begin(), evidence.clues.end());
  first_.push_back(values_.size());
}

void Examples::append(const Examples& others) {
  for (size_t i = 0; i < others.size(); ++i) {
    state_.push_back(others.state_[i]);
    right_.push_back(others.right_[i]);
    first_.push_back(values_.size() + others.first_[i + 1]);
  }
  values_.insert(values_.end(), others.values_.begin(), others.values_.end());
}

Gate Gate::learn(const ExampleView& examples, const Options& options, const Gate& from) {
  Gate gate = from;
  gate.table_.resize(examples.clues() * states, 0.0);
  const std::vector<double> begin = gate.table_;
  if (examples.size() == 0) return gate;
  const auto function = [&](const std::vector<double>& table, std::vector<double>& gradient) {
    double value = mean_loss(examples, table, &gradient);
    for (size_t k = 0; k < table.size(); ++k) {
      const double moved = table[k] - begin[k];
      value += 0.5 * options.prior * moved * moved;
      gradient[k] += options.prior * moved;
    }
    return value;
  };
  minimise(function, gate.table_, {.steps = options.steps});
  return gate;
}

std::vector<float> Gate::weights(const Situation::State& state) const {
  std::vector<float> weights;
  weigh(table_, state, weights);
  return weights;
}

std::vector<double> Gate::chances(const Evidence& evidence) const {
  std::vector<double> chances;
  if (evidence.track.empty()) return chances;
  const auto weights = this->weights(evidence.state);
  score_all(evidence.clues, weights.size(), weights, chances);
  softmax(chances);
  return chances;
}

double Gate::loss(const ExampleView& examples) const { return mean_loss(examples, table_, nullptr); }

std::vector<double> Gate::ndcg_10(const ExampleView& examples) const {
  std::vector<double> all;
  std::vector<double> scores;
  for (size_t i = 0; i < examples.size(); ++i) {
    score_all(examples.of(i), examples.stride(), weights(examples.state(i)), scores);
    const double right = scores[examples.right(i)];
    const auto above = std::count_if(scores.begin(), scores.end(), [&](double score) { return score > right; });
    all.push_back(above < 10 ? 1 / std::log2(static_cast<double>(above) + 2) : 0.0);
  }
  return all;
}

Gate Gate::towards(const Gate& other, double share) const {
  Gate between = *this;
  between.table_.resize(other.table_.size(), 0.0);
  for (size_t k = 0; k < other.table_.size(); ++k) between.table_[k] += share * (other.table_[k] - between.table_[k]);
  return between;
}

LearnedGate LearnedGate::from(const ExampleView& examples, const Gate::Options& options, const Gate& begin) {
  LearnedGate learned{Gate::learn(examples, options, begin), {}, examples.size()};
  if (examples.size() == 0) return learned;
  learned.loss = learned.gate.loss(examples);
  for (size_t i = 0; i < examples.size(); ++i) {
    for (size_t s = 0; s < states; ++s) learned.mean[s] += examples.state(i)[s] / static_cast<double>(examples.size());
  }
  return learned;
}

std::string LearnedGate::text(std::span<const std::string> names, size_t from) const {
  const auto weights = gate.weights(mean);
  std::string text = fmt::format("{} questions, loss {:.3f}; weights in the mean situation:", questions, loss);
  for (size_t f = 0; f < names.size(); ++f) text += fmt::format("{} {} {:.2f}", f == 0 ? "" : ",", names[f], weights[from + f]);
  return text;
}

void write_gate(const Path& path, const LearnedGate& learned, std::span<const std::string> clues) {
  const auto weights_of = [&](const Gate& gate) {
    Json weights = Json::object();
    for (size_t f = 0; f < clues.size(); ++f) weights[clues[f]] = std::span(gate.table()).subspan(f * states, states);
    return weights;
  };
  Json document{{"questions", learned.questions}, {"loss", learned.loss}, {"situation", Situation::names}, {"mean", learned.mean}, {"weights", weights_of(learned.gate)}};
  if (learned.after_pause) document["after_pause"] = weights_of(*learned.after_pause);
  write_file(path, document.dump(1) + "\n");
}

LearnedGate read_gate(const Path& path, std::span<const std::string> clues) {
  const Json document = Json::parse(read_file(path), nullptr, false);
  LearnedGate learned;
  try {
    const auto gate_of = [&](const Json& weights) {
      std::vector<double> table;
      bool fits = weights.size() == clues.size() && document.at("situation") == Json(Situation::names);
      for (const auto& clue : clues) {
        const auto row = fits && weights.contains(clue) ? weights.at(clue).get<std::vector<double>>() : std::vector<double>();
        fits = fits && row.size() == states;
        table.insert(table.end(), row.begin(), row.end());
      }
      if (!fits) throw Error("{}: weighs other clues than this program knows; `segue train` makes it anew once it is removed", path.string());
      return Gate(std::move(table));
    };
    learned.gate = gate_of(document.at("weights"));
    if (document.contains("after_pause")) learned.after_pause = gate_of(document.at("after_pause"));
    document.at("questions").get_to(learned.questions);
    document.at("loss").get_to(learned.loss);
    document.at("mean").get_to(learned.mean);
  } catch (const Json::exception&) {
    throw Error("{}: damaged; `segue train` makes it anew once it is removed", path.string());
  }
  return learned;
}

}  // namespace segue
