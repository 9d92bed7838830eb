#include "annotation/local_model.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/index_select.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "annotation/local_chances.h"
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

size_t by_chance(const std::vector<double>& log_chances, double temperature, Random random) {
  const double best = *std::max_element(log_chances.begin(), log_chances.end());
  double sum = 0;
  std::vector<double> up_to;
  for (const double one : log_chances) up_to.push_back(sum += std::exp((one - best) / temperature));
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
  size_t decide(const TokenTree& tree, const std::vector<int32_t>& pending, double temperature, Random random);
  void score(TreeChances& chances, const TokenTree& tree, const std::vector<int64_t>& nodes, const Tensor& states) const;
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

/// Of what comes behind some nodes, each with a state float [n, H].
void LocalModel::Inside::score(TreeChances& chances, const TokenTree& tree, const std::vector<int64_t>& nodes, const Tensor& states) const {
  std::vector<int64_t> of, ids;
  const auto next = [&](int64_t node) -> const std::vector<int64_t>& { return node < 0 ? tree.first() : tree.nodes()[static_cast<size_t>(node)].next; };
  for (int64_t i = 0; i < std::ssize(nodes); ++i) {
    for (const int64_t node : next(nodes[static_cast<size_t>(i)])) of.push_back(i), ids.push_back(tree.nodes()[static_cast<size_t>(node)].token);
  }
  const auto at = [&](const std::vector<int64_t>& places) { return tensor_of(places, {std::ssize(places)}).to(decoder.device()); };
  // A few rows of a matrix of a hundred thousand are enough where they can be had.
  const auto scores = floats_of(decoder.config().tied ? (states.index_select(0, at(of)) * decoder.vectors_of(at(ids))).sum(1)
                                                      : decoder.token_scores(states).index_select(0, at(of)).gather(1, at(ids).unsqueeze(1)).squeeze(1));
  if (!std::all_of(scores.begin(), scores.end(), [](float one) { return std::isfinite(one); })) throw Error("its scores are no numbers: damaged weights?");
  size_t begin = 0;
  for (const int64_t node : nodes) {
    const size_t count = next(node).size();
    chances.set(node, std::span(scores).subspan(begin, count));
    begin += count;
  }
}

/// Which text of a tree comes behind what is still to be read.
size_t LocalModel::Inside::decide(const TokenTree& tree, const std::vector<int32_t>& pending, double temperature, Random random) {
  const bool all = temperature > 0;
  TreeChances chances(tree);
  auto nodes = chances.wanted(all);
  const Tensor first = reader.read(pending, tree, nodes);
  nodes.insert(nodes.begin(), -1);
  score(chances, tree, nodes, first);
  while (!(nodes = chances.wanted(all)).empty()) score(chances, tree, nodes, reader.read_more(tree, nodes));
  ++work.choices;
  return all ? by_chance(chances.of_texts(), temperature, random) : chances.likeliest();
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
      choice = decide(tree, pending, request.temperature, Random(request.seed, s));
      const auto way = tree.way_of(static_cast<int64_t>(choice));
      pending.clear();
      for (size_t i = reader.keep(way); i < way.size(); ++i) pending.push_back(tree.nodes()[static_cast<size_t>(way[i])].token);
      work.forced -= tree.partings(way);
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

LocalModel::Work LocalModel::work() const {
  const std::lock_guard guard(inside_->one_at_a_time);
  Work work = inside_->work;
  work.passes = inside_->reader.passes();
  work.read = inside_->reader.tokens();
  return work;
}

}  // namespace segue
