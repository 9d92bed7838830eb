#include "annotation/annotate.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "annotation/annotate_wanted.h"
#include "core/console.h"
#include "core/progress.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

constexpr size_t longest_quote = 8000;   // of an answer that is sent back
constexpr size_t most_problems = 100;
// What a request takes where none was measured: as Qwen2.5's tokenizer has it, 2,245 tokens read and 613 written for one track.
constexpr double bytes_a_token = 3.27;
constexpr double written = 0.45;         // of the longest answer

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// No tokenizer makes more tokens than bytes; a few stand between the turns.
int64_t most_prompt_tokens(const ChatRequest& request) {
  int64_t bytes = 16;
  for (const auto& turn : request.turns) bytes += std::ssize(turn.text) + 16;
  return bytes;
}

std::string text_of(const ChatRequest& request) {
  std::string all;
  for (const auto& turn : request.turns) all += turn.role + ":\n" + turn.text + "\n\n";
  return all;
}

/// Several lanes that ask.
class Asking {
 public:
  Asking(const Path& data, ChatModel& model, const AnnotateOptions& options)
      : model_(model), options_(options), wanted_(data, options), claims_(ledger_file(data).parent_path(), options.claims),
        front_(hash_text(options.asked.model + options.asked.plan.spelled()).substr(0, 8)) {}

  AskReport run() {
    const auto begin = Clock::now();
    Progress progress("asking", std::ssize(wanted_.order()), "tracks");
    progress_ = &progress;
    std::vector<std::thread> lanes;
    for (int64_t i = 0; i < std::min<int64_t>(options_.at_once, std::ssize(wanted_.order())); ++i) lanes.emplace_back([this] { lane(); });
    for (auto& one : lanes) one.join();
    if (broken_) std::rethrow_exception(broken_);
    count();
    report_.seconds = seconds_since(begin);
    report_.spent = wanted_.ledger().totals().cost;
    return report_;
  }

 private:
  void lane() {
    try {
      for (size_t at = next_.fetch_add(wanted_.block()); at < wanted_.order().size() && !stop_; at = next_.fetch_add(wanted_.block())) {
        const size_t end = std::min(at + wanted_.block(), wanted_.order().size());
        ask_block(at, end);
        const std::lock_guard lock(mutex_);
        progress_->advance(static_cast<int64_t>(end - at));
      }
    } catch (const ChatFailure& failed) {
      stop(failed.what());
    } catch (const BudgetSpent& spent) {
      stop(fmt::format("the budget of {:.2f} allows no other request: {:.4f} is spent, and the next may cost {:.4f}; what is in flight counts at the most it "
                       "may cost. --budget {:.2f} goes on", spent.budget, spent.spent, spent.next, 2 * spent.budget));
    } catch (...) {
      const std::lock_guard lock(mutex_);
      stop_ = true;
      if (!broken_) broken_ = std::current_exception();
    }
  }

  void stop(const std::string& why) {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    if (report_.stopped.empty()) report_.stopped = why;
  }

  void ask_block(size_t begin, size_t end) {
    std::unique_ptr<Claim> claim;
    for (const auto& kind : wanted_.kinds()) {
      if (stop_ || wanted_.groups(begin, end, kind).empty()) continue;
      if (claim == nullptr) {
        const std::lock_guard lock(claiming_);
        claim = claims_.take(fmt::format("{}-{:08}", front_, wanted_.order()[begin]));
      }
      if (claim == nullptr) return;  // another process asks this
      // Once more: it may have answered before it gave the claim back.
      for (const auto& group : wanted_.groups(begin, end, kind)) ask(group, kind);
    }
  }

  void ask(const Wanted::Group& group, const Wanted::Kind& kind) {
    const Question& question = wanted_.question(kind, std::ssize(group.tracks));
    const auto ids = track_ids(group.known);
    ChatRequest request = question.request(group.known, ids, options_.seed);
    // Where it is asked again, what was valid stays.
    std::vector<TrackAnswer> best;
    for (const auto& key : group.keys) {
      const auto before = wanted_.ledger().find(key);
      best.push_back(before ? read_track_answer(before->text) : TrackAnswer());
    }
    for (int attempt = 0; attempt <= options_.repairs && !stop_; ++attempt) {
      const auto answer = send(request, group, question, ids, best);
      if (!answer) return;
      // Words that nobody asked for beside all that was do no harm, and another answer costs as much as this one.
      if (std::all_of(best.begin(), best.end(), [&](const TrackAnswer& one) { return one.whole(question); })) return;
      note_problem(group, answer->problems.front());
      request.turns.push_back({"assistant", answer->text.substr(0, longest_quote)});
      std::string complaint = "That is not as asked:\n";
      for (const auto& problem : answer->problems) complaint += "- " + problem + "\n";
      request.turns.push_back({"user", complaint + "Answer again with the whole JSON object and nothing else."});
    }
  }

  struct Came {
    std::string text;
    std::vector<std::string> problems;
  };
  /// Sends, reads, keeps. Nothing where no answer came.
  std::optional<Came> send(const ChatRequest& request, const Wanted::Group& group, const Question& question, const std::vector<std::string>& ids,
                           std::vector<TrackAnswer>& best) {
    const auto& price = options_.price;
    const double most = price.of(most_prompt_tokens(request), request.longest);
    const std::string hash = hash_text(options_.asked.model + "\n" + text_of(request) + question.schema().dump());
    const int64_t number = wanted_.ledger().begin({hash, options_.asked.model, model_.where(), std::ssize(group.tracks), most, options_.budget});
    const auto begin = Clock::now();
    ChatRequest sent = request;
    sent.before_paying_again = [&] { wanted_.ledger().raise(number, most, options_.budget); };
    try {
      const ChatAnswer answer = model_.ask(sent);
      const int64_t prompt = answer.prompt_tokens >= 0 ? answer.prompt_tokens : most_prompt_tokens(request) / 3;
      const int64_t tokens = answer.answer_tokens >= 0 ? answer.answer_tokens : (std::ssize(answer.text) + 2) / 3;
      const double cost = price.of(prompt, tokens) + static_cast<double>(answer.lost) * most;
      ReadAnswer read = read_answer(answer.text, question, ids);
      if (!answer.whole) read.problems.insert(read.problems.begin(), fmt::format("the answer was cut at {} tokens", request.longest));
      std::vector<Ledger::Answer> kept;
      for (size_t i = 0; i < best.size(); ++i) {
        read.tracks[i].add(best[i]);
        best[i] = read.tracks[i];
        kept.push_back({group.keys[i], write_track_answer(best[i]), best[i].whole(question)});
      }
      wanted_.ledger().end(number, {answer.text, "", prompt, tokens, cost, seconds_since(begin)}, kept);
      count(prompt, tokens, cost, std::any_of(kept.begin(), kept.end(), [](const Ledger::Answer& one) { return !one.whole; }));
      return Came{answer.text, read.problems};
    } catch (const ChatFailure& failed) {
      const double cost = static_cast<double>(failed.lost) * most;
      wanted_.ledger().end(number, {"", failed.what(), 0, 0, cost, seconds_since(begin)}, {});
      {
        const std::lock_guard lock(mutex_);
        ++report_.requests;
        ++report_.failed;
        report_.cost += cost;
      }
      if (failed.kind == ChatFailure::Kind::all) throw;
      note_problem(group, failed.what());
      return std::nullopt;
    }
  }

  void count(int64_t prompt, int64_t tokens, double cost, bool wrong) {
    const std::lock_guard lock(mutex_);
    ++report_.requests;
    report_.mended += wrong ? 1 : 0;
    report_.prompt_tokens += prompt;
    report_.answer_tokens += tokens;
    report_.cost += cost;
  }

  void note_problem(const Wanted::Group& group, const std::string& what) {
    const std::lock_guard lock(mutex_);
    if (report_.problems.size() < most_problems) report_.problems.push_back(wanted_.name(group.tracks.front()) + ": " + printable(what));
  }

  /// How the tracks that were wanted stand now.
  void count() {
    for (const int32_t track : wanted_.order()) {
      const Json known = wanted_.known(track);
      size_t whole = 0, any = 0, asked = 0;
      for (const auto& kind : wanted_.kinds()) {
        const auto found = wanted_.ledger().find(wanted_.key(known, kind));
        if (!found) continue;
        ++asked;
        whole += found->whole ? 1 : 0;
        const TrackAnswer answer = read_track_answer(found->text);
        any += answer.count(Said::none) < gene_count ? 1 : 0;
      }
      ++report_.wanted;
      if (whole == wanted_.kinds().size()) ++report_.whole;
      else if (any > 0) ++report_.part;
      else if (asked > 0) ++report_.nothing;
    }
  }

  ChatModel& model_;
  const AnnotateOptions& options_;
  Wanted wanted_;
  Claims claims_;
  std::mutex claiming_, mutex_;
  std::string front_;
  std::atomic<size_t> next_ = 0;
  std::atomic<bool> stop_ = false;
  std::exception_ptr broken_;
  Progress* progress_ = nullptr;
  AskReport report_;
};

}  // namespace

AskReport ask_for_genes(const Path& data, ChatModel& model, const AnnotateOptions& options) { return Asking(data, model, options).run(); }

AskEstimate estimate_asking(const Path& data, const AnnotateOptions& options) {
  Wanted wanted(data, options);
  AskEstimate out;
  out.tracks = std::ssize(wanted.order());
  const auto usage = wanted.ledger().usage(options.asked.model, options.asked.plan.together);
  out.measured = usage.requests;
  out.seconds_a_request = usage.seconds;
  const size_t block = wanted.block();
  for (size_t at = 0; at < wanted.order().size(); at += block) {
    const size_t end = std::min(at + block, wanted.order().size());
    size_t most = 0;
    for (const auto& kind : wanted.kinds()) {
      for (const auto& group : wanted.groups(at, end, kind)) {
        most = std::max(most, group.tracks.size());
        ++out.requests;
        const Question& question = wanted.question(kind, std::ssize(group.tracks));
        const ChatRequest request = question.request(group.known, track_ids(group.known), options.seed);
        if (out.prompt.empty()) out.prompt = text_of(request);
        out.prompt_tokens += usage.requests > 0 ? usage.prompt_tokens : static_cast<double>(most_prompt_tokens(request)) / bytes_a_token;
        out.answer_tokens += usage.requests > 0 ? usage.answer_tokens : static_cast<double>(request.longest) * written;
      }
    }
    out.left += static_cast<int64_t>(most);
  }
  out.cost = 1e-6 * (options.price.prompt * out.prompt_tokens + options.price.answer * out.answer_tokens);
  const auto& evidence = options.asked.evidence;
  out.tells = {"artist", "title"};
  if (evidence.lyrics) out.tells.emplace_back(fmt::format("lyrics (at most {} characters a track)", evidence.longest_lyrics));
  if (evidence.tags) out.tells.emplace_back("tags of the artist");
  if (evidence.tempo) out.tells.emplace_back("tempo");
  if (evidence.sound) out.tells.emplace_back("what sounds like it, and how loud and bright it is");
  return out;
}

}  // namespace segue
