#include <fmt/format.h>

#include "annotation/annotate.h"
#include "core/console.h"
#include "core/progress.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

double share(int64_t part, int64_t whole) { return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0; }

/// Hours of so many requests, n at once.
double hours(const AskEstimate& estimate, int64_t n) { return static_cast<double>(estimate.requests) * estimate.seconds_a_request / 3600 / static_cast<double>(n); }

}  // namespace

Json to_json(const AskReport& report) {
  return {{"wanted", report.wanted}, {"whole", report.whole}, {"part", report.part}, {"nothing", report.nothing}, {"requests", report.requests},
          {"failed", report.failed}, {"sent_back", report.mended}, {"prompt_tokens", report.prompt_tokens}, {"answer_tokens", report.answer_tokens},
          {"cost", report.cost}, {"spent", report.spent}, {"seconds", report.seconds}, {"stopped", report.stopped}, {"problems", report.problems}};
}

std::string text_of(const AskReport& report) {
  std::string out = fmt::format("{} requests in {}", report.requests, clock_time(report.seconds));
  if (report.failed > 0) out += fmt::format(", {} without an answer", report.failed);
  if (report.mended > 0) out += fmt::format(", {} answers not as asked", report.mended);
  out += fmt::format("; {} tokens read, {} written", report.prompt_tokens, report.answer_tokens);
  if (report.spent > 0) out += fmt::format("; cost {:.4f} now, {:.4f} in all", report.cost, report.spent);
  out += fmt::format("\n{} of {} tracks are answered as a whole ({:.1f} %)", report.whole, report.wanted, 100 * share(report.whole, report.wanted));
  if (report.part > 0) out += fmt::format(", {} in part", report.part);
  if (report.nothing > 0) out += fmt::format(", {} with nothing valid", report.nothing);
  out += "\n";
  constexpr size_t shown = 10;
  for (size_t i = 0; i < report.problems.size() && i < shown; ++i) out += "  " + printable(report.problems[i]) + "\n";
  if (report.problems.size() > shown) out += fmt::format("  … and {} more\n", report.problems.size() - shown);
  return out;
}

Json to_json(const AskEstimate& estimate, const AnnotateOptions& options, const std::string& where) {
  Json out{{"tracks", estimate.tracks}, {"left", estimate.left}, {"requests", estimate.requests}, {"prompt_tokens", estimate.prompt_tokens},
           {"answer_tokens", estimate.answer_tokens}, {"cost", estimate.cost}, {"measured_requests", estimate.measured}, {"asked_of", where},
           {"model", options.asked.model}, {"leaves_this_machine", estimate.tells}, {"prompt", estimate.prompt}};
  if (estimate.measured > 0) {
    out["seconds_a_request"] = estimate.seconds_a_request;
    out["hours"] = {{"1", hours(estimate, 1)}, {"8", hours(estimate, 8)}, {"64", hours(estimate, 64)}};
  }
  return out;
}

std::string text_of(const AskEstimate& estimate, const AnnotateOptions& options, const std::string& where) {
  std::string out = fmt::format("Nothing is sent. {} of {} tracks are left to be asked for, of {} at {}: {} requests\n", estimate.left, estimate.tracks,
                                options.asked.model, where, estimate.requests);
  out += fmt::format("about {:.0f} tokens to read and {:.0f} to write ({})", estimate.prompt_tokens, estimate.answer_tokens,
                     estimate.measured > 0 ? fmt::format("as {} earlier requests took", estimate.measured) : "by the length of the texts");
  if (options.price.prompt > 0 || options.price.answer > 0) out += fmt::format("; cost about {:.2f}", estimate.cost);
  else out += "; --price READ,WRITE for a million tokens says what that costs";
  out += "\n";
  if (estimate.measured > 0) {
    out += fmt::format("at {:.1f} s a request: {:.1f} h one at a time, {:.1f} h by 8, {:.2f} h by 64\n", estimate.seconds_a_request, hours(estimate, 1), hours(estimate, 8),
                       hours(estimate, 64));
  }
  out += "what is told of each track:";
  for (size_t i = 0; i < estimate.tells.size(); ++i) out += (i == 0 ? " " : ", ") + estimate.tells[i];
  return out + "\n\nthe first request:\n\n" + estimate.prompt;
}

}  // namespace segue
