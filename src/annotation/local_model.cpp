#include "annotation/local_model.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/index_select.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "annotation/local_reader.h"
#include "annotation/local_schema.h"
#include "annotation/local_tokens.h"
#include "core/random.h"

namespace segue {
namespace {

/// What ends a key and comes before its value. It is cut off what is certain and belongs to each choice, for with a string
/// many tokenizers make one token of it (":"), with a number another (":).
constexpr std::string_view before_value = "\":";

/// An answer, and what of it is decided together: `ahead` stands between two choices.
struct Stretch {
  std::string before, ahead;         // texts around a choice
  std::vector<std::string> choices;  // the first stretch has none
};

std::vector<Stretch> stretches_of(const std::vector<AnswerPart>& parts) {
  std::vector<Stretch> all{{}};
  for (const auto& [text, choices] : parts) {
    const bool held = !choices.empty() && text.ends_with(before_value);
    all.back().ahead = text.substr(0, text.size() - (held ? before_value.size() : 0));
    if (!choices.empty()) all.push_back({held ? std::string(before_value) : std::string(), {}, choices});
  }
  return all;
}

/// The same as tokens, for each choice.
std::vector<std::vector<std::vector<int32_t>>> tokens_of(const std::vector<Stretch>& stretches, const ChatTokens& tokens) {
  std::vector<std::vector<std::vector<int32_t>>> all;
  for (const auto& [before, ahead, choices] : stretches) {
    auto& each = all.emplace_back();
    if (choices.empty()) each.push_back(tokens.tokens(ahead));
    for (const auto& choice : choices) each.push_back(tokens.tokens(before + choice + ahead));
  }
  return all;
}

/// The likeliest, or one by chance. log_chances of each.
size_t chosen(const std::vector<double>& log_chances, double temperature, Random random) {
  const auto best = std::max_element(log_chances.begin(), log_chances.end());
  if (!(temperature > 0)) return static_cast<size_t>(best - log_chances.begin());
  double sum = 0;
  std::vector<double> up_to;
  for (const double one : log_chances) up_to.push_back(sum += std::exp((one - *best) / temperature));
  const auto found = std::upper_bound(up_to.begin(), up_to.end(), random.uniform() * sum);
  return static_cast<size_t>(std::min(found, up_to.end() - 1) - up_to.begin());
}

}  // namespace

struct LocalModel::Inside {
  explicit Inside(const Options& options)
      : name(fmt::format("{} {} {}", std::filesystem::absolute(options.folder).lexically_normal().filename().string(), checkpoint_fingerprint(options.folder), options.storage)),
        decoder(options.folder, {0, storage_named(options.storage), LayerRoom::asked_for()}), tokens(options.folder), reader(decoder) {
    if (const auto device = device_of(options.device); !device.is_cpu()) decoder.to(device);
  }

  ChatAnswer answer(const ChatRequest& request);
  std::vector<double> log_chances(const TokenTree& tree, const Tensor& states) const;
  std::vector<float> scores(const Tensor& states, const std::vector<int64_t>& of, const std::vector<int64_t>& ids) const;
  void check(const std::vector<int32_t>& some) const;

  std::string name;
  Decoder decoder;
  ChatTokens tokens;
  TokenReader reader;
  Work work;
  std::mutex one_at_a_time;
};

void LocalModel::Inside::check(const std::vector<int32_t>& some) const {
  const auto most = some.empty() ? 0 : *std::max_element(some.begin(), some.end());
  if (most >= decoder.config().vocabulary) throw Error("its tokenizer has a token {}, but its model knows {}: they don't belong together", most, decoder.config().vocabulary);
}

/// Scores of tokens, each after one of the states float [m, H].
std::vector<float> LocalModel::Inside::scores(const Tensor& states, const std::vector<int64_t>& of, const std::vector<int64_t>& ids) const {
  const auto at = [&](const std::vector<int64_t>& places) { return tensor_of(places, {std::ssize(places)}).to(decoder.device()); };
  // A few rows of a matrix of a hundred thousand are enough where they can be had.
  if (decoder.config().tied) return floats_of((states.index_select(0, at(of)) * decoder.vectors_of(at(ids))).sum(1));
  return floats_of(decoder.token_scores(states).index_select(0, at(of)).gather(1, at(ids).unsqueeze(1)).squeeze(1));
}

/// Of each text of a tree: the sum of the logarithms of its tokens' chances, each among the tokens that may stand there. Texts
/// are compared as wholes, not token by token: the likeliest first token may belong to many texts of which none is likely,
/// as numbers are beside one word for "not known". A token without a rival is certain, and needs no pass.
std::vector<double> LocalModel::Inside::log_chances(const TokenTree& tree, const Tensor& states) const {
  std::vector<int64_t> of, ids, nodes;
  const auto rivals = [&](int64_t state, const std::vector<int64_t>& next) {
    for (const int64_t node : next) of.push_back(state), nodes.push_back(node), ids.push_back(tree.nodes()[static_cast<size_t>(node)].token);
  };
  rivals(0, tree.first());
  for (int64_t i = 0; i < std::ssize(tree.read()); ++i) rivals(i + 1, tree.nodes()[static_cast<size_t>(tree.read()[static_cast<size_t>(i)])].next);
  const auto score = scores(states, of, ids);
  std::vector<double> step(tree.nodes().size());
  for (size_t begin = 0, end = 0; begin < of.size(); begin = end) {
    double most = -std::numeric_limits<double>::infinity(), sum = 0;
    for (end = begin; end < of.size() && of[end] == of[begin]; ++end) {
      if (!std::isfinite(score[end])) throw Error("its scores are no numbers: damaged weights?");
      most = std::max<double>(most, score[end]);
    }
    for (size_t i = begin; i < end; ++i) sum += std::exp(score[i] - most);
    for (size_t i = begin; i < end; ++i) step[static_cast<size_t>(nodes[i])] = score[i] - most - std::log(sum);
  }
  std::vector<double> all;
  for (size_t node = 0; node < tree.nodes().size(); ++node) {
    const auto& [token, parent, next, text] = tree.nodes()[node];
    if (parent >= 0) step[node] += step[static_cast<size_t>(parent)];
    if (text < 0) continue;
    all.resize(std::max(all.size(), static_cast<size_t>(text) + 1));
    all[static_cast<size_t>(text)] = step[node];
  }
  return all;
}

ChatAnswer LocalModel::Inside::answer(const ChatRequest& request) {
  auto [pending, front] = tokens.prompt(request);
  check(pending);
  const auto stretches = stretches_of(answer_parts(*request.schema, request.strings));
  const auto texts = tokens_of(stretches, tokens);
  int64_t most = 0;  // tokens of the answer
  for (const auto& each : texts) {
    for (const auto& text : each) check(text);
    most += std::ssize(*std::max_element(each.begin(), each.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); }));
  }
  ChatAnswer answer;
  answer.prompt_tokens = std::ssize(pending);
  answer.answer_tokens = 0;
  if (answer.prompt_tokens + most > decoder.config().positions) {
    throw ChatFailure(ChatFailure::Kind::request, 0, fmt::format("a question of {} tokens and an answer of up to {}; the model knows {} positions: less about a track, fewer tracks at once or one category at a time would fit",
                                                                 answer.prompt_tokens, most, decoder.config().positions));
  }
  reader.begin({pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(front)});
  pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(front));
  for (size_t s = 0; s < stretches.size(); ++s) {
    const TokenTree tree(texts[s]);
    pending.insert(pending.end(), tree.shared().begin(), tree.shared().end());
    size_t choice = 0;
    if (!tree.first().empty()) {
      choice = chosen(log_chances(tree, reader.read(pending, tree)), request.temperature, Random(request.seed, s));
      pending.clear();
      std::vector<int64_t> kept;
      for (const int64_t node : tree.way_of(static_cast<int64_t>(choice))) {
        const auto found = std::lower_bound(tree.read().begin(), tree.read().end(), node);
        if (found != tree.read().end() && *found == node) kept.push_back(found - tree.read().begin());
        else pending.push_back(tree.nodes()[static_cast<size_t>(node)].token);
        const int64_t parent = tree.nodes()[static_cast<size_t>(node)].parent;
        work.forced -= (parent < 0 ? tree.first() : tree.nodes()[static_cast<size_t>(parent)].next).size() > 1 ? 1 : 0;
      }
      reader.keep(kept);
      ++work.choices;
    }
    const auto n = std::ssize(texts[s][choice]);
    work.forced += n;
    work.answered += n;
    answer.answer_tokens += n;
    if (request.longest > 0 && answer.answer_tokens > request.longest) {
      answer.whole = false;
      return answer;
    }
    answer.text += stretches[s].before + (stretches[s].choices.empty() ? "" : stretches[s].choices[choice]) + stretches[s].ahead;
  }
  return answer;
}

LocalModel::LocalModel(const Options& options) : inside_(std::make_unique<Inside>(options)) {}
LocalModel::~LocalModel() = default;

ChatAnswer LocalModel::ask(const ChatRequest& request) {
  const std::lock_guard guard(inside_->one_at_a_time);
  const at::NoGradGuard no_grad;
  try {
    ++inside_->work.requests;
    return inside_->answer(request);
  } catch (const ChatFailure&) {
    throw;
  } catch (const Error& error) {
    throw ChatFailure(ChatFailure::Kind::all, 0, fmt::format("{}: {}", inside_->name, error.what()));
  }
}

std::string LocalModel::name() const { return inside_->name; }

LocalModel::Work LocalModel::work() const {
  const std::lock_guard guard(inside_->one_at_a_time);
  Work work = inside_->work;
  work.passes = inside_->reader.passes();
  work.read = inside_->reader.tokens();
  return work;
}

}  // namespace segue
