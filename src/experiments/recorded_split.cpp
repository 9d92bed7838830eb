#include "experiments/recorded_split.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "core/csv_reader.h"
#include "core/error.h"
#include "evaluation/chance.h"
#include "evaluation/intervals.h"
#include "evaluation/metrics.h"

namespace segue {
namespace {

constexpr size_t labels_per_user = 50;
constexpr int64_t resamples = 1000;

using Tracks = std::vector<int64_t>;
using Lines = std::map<int64_t, Tracks>;  // by user
using Counts = std::unordered_map<int64_t, int64_t>;

/// "uid item item …" per line.
Lines read_lines(const Path& file) {
  const auto source = Source::open(file);
  const auto stream = source->read(source->files().front());
  LineReader reader(*stream);
  Lines lines;
  int64_t row = 0;
  for (std::string_view line; reader.next(line);) {
    ++row;
    Tracks numbers;
    for (const char *at = line.data(), *end = at + line.size(); at < end;) {
      if (*at == ' ' || *at == '\t') {
        ++at;
        continue;
      }
      int64_t number = 0;
      const auto [stop, failed] = std::from_chars(at, end, number);
      if (failed != std::errc()) throw Error("{}: line {} is no row of numbers; wanted is a user and his items", file.string(), row);
      numbers.push_back(number);
      at = stop;
    }
    if (numbers.empty()) continue;
    const int64_t user = numbers.front();
    numbers.erase(numbers.begin());
    if (!lines.emplace(user, std::move(numbers)).second) throw Error("{}: line {}: user {} has a line already", file.string(), row, user);
  }
  if (lines.empty()) throw Error("{}: the file is empty", file.string());
  return lines;
}

const Tracks& tracks_of(const Lines& lines, int64_t user) {
  static const Tracks none;
  const auto found = lines.find(user);
  return found == lines.end() ? none : found->second;
}

int64_t count_of(const Counts& counts, int64_t track) {
  const auto found = counts.find(track);
  return found == counts.end() ? 0 : found->second;
}

/// What counters know: everybody's train plays, and which tracks were labels.
struct Known {
  Counts plays;
  std::unordered_set<int64_t> labels;

  explicit Known(const Lines& train) {
    for (const auto& [user, tracks] : train) {
      for (size_t i = 0; i < tracks.size(); ++i) {
        ++plays[tracks[i]];
        if (i + labels_per_user >= tracks.size()) labels.insert(tracks[i]);
      }
    }
  }
};

/// One list as it is asked: the target first, every other track once.
struct Question {
  int64_t user = 0;
  Tracks candidates;
};

Question question_of(int64_t user, const Tracks& list, SplitChecks& checks) {
  Question out{user, {}};
  std::unordered_set<int64_t> seen;
  bool other = false;
  for (const int64_t track : list) {
    if (seen.insert(track).second) out.candidates.push_back(track);
    else other = other || track != list.front();
  }
  checks.twice += std::count(list.begin(), list.end(), list.front()) > 1;
  checks.duplicates += other;
  return out;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : quantile(values, 0.5);
}

void check(const std::vector<Question>& questions, const std::vector<const Lines*>& parts, const Known& known, SplitChecks& checks) {
  std::vector<double> of_targets, of_negatives;
  double wins = 0;
  for (const auto& question : questions) {
    std::unordered_set<int64_t> played;
    for (const auto* part : parts) {
      const auto& tracks = tracks_of(*part, question.user);
      played.insert(tracks.begin(), tracks.end());
    }
    const auto& own = tracks_of(*parts.front(), question.user);
    const int64_t target = question.candidates.front();
    const int64_t plays = count_of(known.plays, target);
    checks.trained_targets += plays > 0;
    checks.label_targets += known.labels.contains(target);
    checks.own_targets += std::find(own.begin(), own.end(), target) != own.end();
    of_targets.push_back(static_cast<double>(plays));
    for (size_t i = 1; i < question.candidates.size(); ++i) {
      const int64_t track = question.candidates[i], others = count_of(known.plays, track);
      ++checks.negatives;
      checks.heard += played.contains(track);
      checks.trained_negatives += others > 0;
      checks.label_negatives += known.labels.contains(track);
      wins += plays > others ? 1 : plays == others ? 0.5 : 0;
      of_negatives.push_back(static_cast<double>(others));
    }
  }
  checks.plays_of_target = median(std::move(of_targets));
  checks.plays_of_negative = median(std::move(of_negatives));
  if (checks.negatives > 0) checks.more_popular = wins / static_cast<double>(checks.negatives);
}

/// What a counter says of a track: compared from the first number on.
using Score = std::pair<double, double>;
using Counter = Score (*)(int64_t track, const Tracks& own, const Known& known);

double own_plays(int64_t track, const Tracks& own) { return static_cast<double>(std::count(own.begin(), own.end(), track)); }
double popularity(int64_t track, const Known& known) { return static_cast<double>(count_of(known.plays, track)); }

Score popular(int64_t track, const Tracks&, const Known& known) { return {popularity(track, known), 0}; }
Score own(int64_t track, const Tracks& own, const Known&) { return {own_plays(track, own), 0}; }
Score recent(int64_t track, const Tracks& own, const Known&) {
  const auto last = std::find(own.rbegin(), own.rend(), track);
  return {last == own.rend() ? -1 : static_cast<double>(own.rend() - last), 0};
}
Score own_popular(int64_t track, const Tracks& own, const Known& known) { return {own_plays(track, own), popularity(track, known)}; }

Metrics ask(Counter counter, const std::vector<Question>& questions, const Lines& train, const Known& known, uint64_t seed) {
  const auto columns = std::ssize(measures());
  Clusters cases(std::ssize(questions), columns);
  for (size_t q = 0; q < questions.size(); ++q) {
    const auto& history = tracks_of(train, questions[q].user);
    const Score target = counter(questions[q].candidates.front(), history, known);
    Place place;
    for (size_t i = 1; i < questions[q].candidates.size(); ++i) {
      const Score score = counter(questions[q].candidates[i], history, known);
      place.above += score > target;
      place.level += score == target;
    }
    const auto row = static_cast<int64_t>(q);
    cases.cases[q] = 1;
    for (int64_t c = 0; c < columns; ++c) {
      const auto& measure = measures()[static_cast<size_t>(c)];
      cases.of(row)[c] = metric_of(place, measure.metric, measure.k, Ties::expected);
    }
  }
  const auto centre = means(cases);
  const auto draws = resampled_means(cases, resamples, seed);
  Metrics out;
  for (int64_t c = 0; c < columns; ++c) {
    const auto i = static_cast<size_t>(c);
    out[measures()[i].name] = estimate(centre[i], sorted_column(draws, columns, c));
  }
  return out;
}

/// Candidates that the map of items does not know; -1 without a map.
int64_t unmapped(const Path& file, const std::vector<Question>& questions) {
  if (!std::filesystem::exists(file)) return -1;
  const auto source = Source::open(file);
  const auto stream = source->read(source->files().front());
  CsvReader reader(*stream, ',');
  std::unordered_set<int64_t> known;
  for (std::vector<std::string_view> fields; reader.next(fields);) {
    int64_t id = 0;
    if (std::from_chars(fields[0].data(), fields[0].data() + fields[0].size(), id).ec == std::errc()) known.insert(id);
  }
  int64_t missing = 0;
  for (const auto& question : questions) {
    for (const int64_t track : question.candidates) missing += !known.contains(track);
  }
  return missing;
}

int64_t most_common_size(const std::vector<Question>& questions) {
  std::map<int64_t, int64_t> sizes;
  for (const auto& question : questions) ++sizes[std::ssize(question.candidates)];
  return std::max_element(sizes.begin(), sizes.end(), [](const auto& a, const auto& b) { return a.second < b.second; })->first;
}

}  // namespace

Split read_split(const Path& folder, const std::string& part, uint64_t seed) {
  for (const auto& name : {std::string("train.txt"), part + ".txt", part + "_sample.txt"}) {
    if (!std::filesystem::exists(folder / name)) throw Error("{}: no {}; a split of E4SRec has train.txt, {}.txt and {}_sample.txt", folder.string(), name, part, part);
  }
  const Lines train = read_lines(folder / "train.txt"), asked = read_lines(folder / (part + ".txt")), lists = read_lines(folder / (part + "_sample.txt"));
  const Path other = folder / (part == "test" ? "val.txt" : "test.txt");
  const Lines rest = std::filesystem::exists(other) && std::filesystem::file_size(other) > 0 ? read_lines(other) : Lines{};
  Split out{folder.string(), part, 0, 0, {}, {}, {}};
  std::vector<Question> questions;
  for (const auto& [user, list] : lists) {
    const auto& plays = tracks_of(asked, user);
    if (plays.empty() || list.empty()) throw Error("{}: user {} has no plays in {}.txt, or no candidates", (folder / (part + "_sample.txt")).string(), user, part);
    out.checks.not_first += list.front() != plays.front();
    questions.push_back(question_of(user, list, out.checks));
  }
  const Known known(train);
  out.cases = std::ssize(questions);
  out.candidates = most_common_size(questions);
  for (const auto& question : questions) out.checks.other_sizes += std::ssize(question.candidates) != out.candidates;
  check(questions, {&train, &asked, &rest}, known, out.checks);
  out.checks.unmapped = unmapped(folder / "item_id_master_map.csv", questions);
  out.chance = chance_level(out.cases, out.candidates, seed);
  const std::vector<std::pair<SplitRanker, Counter>> counters{{{"popular", "train plays of everybody", {}}, popular},
                                                             {{"own", "train plays of the user", {}}, own},
                                                             {{"recent", "how lately the user played it", {}}, recent},
                                                             {{"own+popular", "own, and among equals popular", {}}, own_popular}};
  for (const auto& [row, counter] : counters) {
    out.rankers.push_back(row);
    out.rankers.back().metrics = ask(counter, questions, train, known, seed);
  }
  return out;
}

}  // namespace segue
