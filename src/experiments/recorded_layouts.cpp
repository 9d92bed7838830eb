#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "experiments/recorded_results.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

/// A number, or an object with its mean, as in `segue evaluate --json`.
std::optional<Figure> figure_of_json(const Json& value, bool percent) {
  const Json* number = value.is_object() && value.contains("mean") ? &value["mean"] : &value;
  return number->is_number() ? figure_of(fmt::format("{}", number->get<double>()), percent) : std::nullopt;
}

int64_t count_of_json(const Json& object, const char* key, int64_t otherwise) {
  return object.contains(key) && object[key].is_number_integer() ? object[key].get<int64_t>() : otherwise;
}

/// An object whose keys are figures is a run; what it lies in may name it and say its cases.
void walk(const Json& value, RecordedRun context, const RecordedText& from, std::vector<RecordedRun>& runs) {
  if (value.is_array()) {
    for (const auto& element : value) walk(element, context, from, runs);
    return;
  }
  if (!value.is_object()) return;
  for (const char* key : {"name", "run", "model"}) {
    if (value.contains(key) && value[key].is_string()) context.name = value[key].get<std::string>();
  }
  const Json& about = value.contains("protocol") ? value["protocol"] : value;
  context.cases = count_of_json(about, "cases", context.cases);
  context.candidates = count_of_json(about, "candidates", context.candidates);
  RecordedRun run = context;
  for (const auto& [key, inner] : value.items()) {
    const auto name = figure_name(key);
    const auto figure = name ? figure_of_json(inner, from.percent || name->percent) : std::nullopt;
    if (figure) run.figures[name->key()] = *figure;
  }
  if (!run.figures.empty()) {
    runs.push_back(std::move(run));
    return;
  }
  for (const auto& [key, inner] : value.items()) {
    // What was chosen on, what guessing gives and parts of the cases are no results of a run.
    if (key == "chance" || key == "slices" || key == "everything" || lower_ascii(key).find("valid") != std::string::npos) continue;
    RecordedRun within = context;
    if (inner.is_object() && key != "metrics" && key != "all" && key != "test_result") within.name = key;
    walk(inner, within, from, runs);
  }
}

/// The word behind `'mode':`, of the test part where parts differ: full, uni100, pop100; empty where it isn't said.
std::string mode_in(std::string_view text) {
  size_t at = text.rfind("'mode':");
  if (at == std::string_view::npos) return {};
  auto rest = trimmed(text.substr(at + 7));
  if (rest.starts_with('{')) {
    at = rest.substr(0, rest.find('}')).find("'test':");
    if (at == std::string_view::npos) return {};
    rest = trimmed(rest.substr(at + 7));
  }
  if (!rest.starts_with('\'')) return {};
  rest.remove_prefix(1);
  return std::string(rest.substr(0, rest.find('\'')));
}

int64_t count_after(std::string_view text, std::string_view label) {
  const size_t at = text.rfind(label);
  return at == std::string_view::npos ? 0 : count_in(text.substr(at + label.size()));
}

/// RecBole counts one user and one item more than there are, for padding.
void read_protocol(std::string_view before, RecordedRun& run) {
  const auto mode = mode_in(before);
  const int64_t users = count_after(before, "number of users:"), items = count_after(before, "number of items:");
  if (mode.starts_with("uni") || mode.starts_with("pop")) {
    run.candidates = count_in(std::string_view(mode).substr(3)) + 1;
    run.notes.push_back(fmt::format("mode {}: the target among {} drawn tracks, not among all", mode, run.candidates - 1));
  } else if (mode == "full" && items > 1) {
    run.candidates = items - 1;
    run.notes.push_back(fmt::format("mode full: all {} items; RecBole may leave those of the history out, so chance may be a little higher", items - 1));
  }
  const bool one_each = before.find("'LS'") != std::string_view::npos;
  if (one_each && users > 1) run.cases = users - 1;
  else if (users > 1) run.notes.push_back("the split is no leave-one-out, so the number of users is not that of cases");
  run.guessed = true;
}

}  // namespace

std::vector<RecordedRun> runs_of_json(const RecordedText& from) {
  std::vector<RecordedRun> runs;
  try {
    RecordedRun context;
    context.name = from.name;
    walk(Json::parse(from.text), context, from, runs);
  } catch (const Json::exception& broken) {
    throw Error("{}: begins as JSON and is none: {}", from.where, broken.what());
  }
  return runs;
}

std::vector<RecordedRun> runs_of_log(const RecordedText& from) {
  const std::string lower = lower_ascii(from.text);
  std::vector<RecordedRun> runs;
  for (size_t at = 0; (at = lower.find("test result", at)) != std::string::npos;) {
    const size_t end = std::min({lower.find(" info ", at), lower.find("best valid", at), lower.find("test result", at + 1), lower.size()});
    RecordedRun run;
    run.name = runs.empty() ? from.name : fmt::format("{} #{}", from.name, runs.size() + 1);
    for (const auto& [name, figure] : figures_in(from.text.substr(at, end - at), from.percent)) run.figures[name.key()] = figure;
    if (run.figures.empty()) {
      const auto table = runs_of_table({from.text.substr(at, end - at), from.where, run.name, from.percent});
      if (!table.empty()) run.figures = table.front().figures;
    }
    read_protocol(from.text.substr(0, at), run);
    if (!run.figures.empty()) runs.push_back(std::move(run));
    at = end;
  }
  return runs;
}

}  // namespace segue
