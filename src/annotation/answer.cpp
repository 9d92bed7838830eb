#include "annotation/answer.h"

#include <fmt/ranges.h>

#include <cmath>
#include <optional>
#include <set>

#include "core/console.h"
#include "core/error.h"

namespace segue {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t longest_answer = 1 << 20;
constexpr int deepest = 16;
constexpr size_t most_problems = 12;

/// One JSON object; nothing where the text is none. A key that stands twice gets null.
std::optional<Json> parse(std::string_view text) {
  std::vector<std::set<std::string>> keys, twice;
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    using Event = Json::parse_event_t;
    if (depth > deepest) too_deep = true;
    if (event == Event::object_start) {
      keys.emplace_back();
      twice.emplace_back();
    } else if (event == Event::key && !keys.empty()) {
      const auto key = parsed.get<std::string>();
      if (!keys.back().insert(key).second) twice.back().insert(key);
    } else if (event == Event::object_end && !keys.empty()) {
      for (const auto& key : twice.back()) parsed[key] = nullptr;
      keys.pop_back();
      twice.pop_back();
    }
    return !too_deep;
  };
  Json found = Json::parse(text.begin(), text.end(), watch, false);
  if (too_deep || !found.is_object()) return std::nullopt;
  return found;
}

/// Where the object that begins at `from` ends; npos where it doesn't.
size_t end_of_object(std::string_view text, size_t from) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = from; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      else if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

/// The last object in the text that has the first track's key: a model that thinks aloud answers at the end.
std::optional<Json> object_in(std::string_view text) {
  if (text.size() > longest_answer) return std::nullopt;
  if (auto whole = parse(text)) return whole;
  std::optional<Json> found;
  int tries = 0;
  for (size_t at = text.find('{'); at != std::string_view::npos && tries < 64; ++tries) {
    const size_t end = end_of_object(text, at);
    auto one = end == std::string_view::npos ? std::nullopt : parse(text.substr(at, end - at));
    const bool is = one && one->contains(track_key_of(0));
    if (is) found = std::move(one);
    at = text.find('{', is ? end : at + 1);
  }
  return found;
}

/// Reads one track's object and says what is wrong with it.
class TrackReader {
 public:
  TrackReader(const Question& question, std::string key, ReadAnswer& into) : question_(question), key_(std::move(key)), into_(into) {}

  TrackAnswer read(const Json& entry, const std::string& id) {
    TrackAnswer out;
    if (!entry.is_object()) return problem("an object is wanted"), out;
    const auto own = entry.find("id");
    const bool same = own != entry.end() && (own->is_string() ? own->get<std::string>() == id : own->is_number_integer() && std::to_string(own->get<int64_t>()) == id);
    if (!same) return problem(fmt::format("\"id\" is wanted as \"{}\"", id)), out;
    std::set<std::string> known{"id"};
    for (const size_t at : question_.categories()) {
      const auto& key = gene_categories()[at].key;
      known.insert(key);
      const auto category = entry.find(key);
      if (category == entry.end() || !category->is_object()) problem(fmt::format("\"{}\" is missing", key));
      else read_category(*category, at, out);
    }
    for (const auto& [key, value] : entry.items()) {
      if (!known.contains(key)) problem(fmt::format("no key \"{}\" is asked for", short_of(key)));
    }
    return out;
  }

 private:
  static std::string short_of(const std::string& text) { return printable(text.substr(0, 40)); }

  void problem(const std::string& what) {
    if (into_.problems.size() < most_problems) into_.problems.push_back(key_ + ": " + what);
  }

  void read_category(const Json& category, size_t at, TrackAnswer& out) {
    std::set<std::string> known{"confidence"};
    const std::string& name = gene_categories()[at].key;
    const auto sure = category.find("confidence");
    const auto& words = confidences();
    const auto word = sure != category.end() && sure->is_string() ? std::find(words.begin(), words.end(), sure->get<std::string>()) : words.end();
    if (word == words.end()) problem(fmt::format("{}.confidence is wanted as one of {}", name, fmt::join(words, ", ")));
    else out.confidence[at] = static_cast<int8_t>(word - words.begin());
    for (const int64_t gene : question_.genes_of(at)) {
      const auto& key = genes()[static_cast<size_t>(gene)].key;
      known.insert(key);
      const auto value = category.find(key);
      if (value == category.end()) problem(fmt::format("{}.{} is missing", name, key));
      else read_value(*value, gene, name, out);
    }
    for (const auto& [key, value] : category.items()) {
      if (!known.contains(key)) problem(fmt::format("no key \"{}\" is asked for in {}", short_of(key), name));
    }
  }

  void read_value(const Json& value, int64_t gene, const std::string& category, TrackAnswer& out) {
    const auto at = static_cast<size_t>(gene);
    if (value.is_string() && value.get<std::string>() == "unknown") {
      out.reply[at] = Said::unknown;
      return;
    }
    const double number = value.is_number() ? value.get<double>() : -1;
    if (number >= 0 && number <= gene_most && number * 2 == std::floor(number * 2)) {
      out.reply[at] = Said::value;
      out.values[at] = static_cast<float>(number);
      return;
    }
    problem(fmt::format("{}.{} is {}; 0, 0.5, …, 5 or \"unknown\" is wanted", category, genes()[at].key,
                        short_of(value.dump(-1, ' ', false, Json::error_handler_t::replace))));
  }

  const Question& question_;
  std::string key_;
  ReadAnswer& into_;
};

}  // namespace

bool TrackAnswer::whole(const Question& question) const {
  for (const size_t at : question.categories()) {
    if (confidence[at] < 0) return false;
    for (const int64_t gene : question.genes_of(at)) {
      if (reply[static_cast<size_t>(gene)] == Said::none) return false;
    }
  }
  return true;
}

int64_t TrackAnswer::count(Said what) const { return std::count(reply.begin(), reply.end(), what); }

void TrackAnswer::add(const TrackAnswer& other) {
  for (size_t gene = 0; gene < reply.size(); ++gene) {
    if (reply[gene] != Said::none) continue;
    reply[gene] = other.reply[gene];
    values[gene] = other.values[gene];
  }
  for (size_t at = 0; at < confidence.size(); ++at) {
    if (confidence[at] < 0) confidence[at] = other.confidence[at];
  }
}

ReadAnswer read_answer(std::string_view text, const Question& question, const std::vector<std::string>& ids) {
  ReadAnswer out;
  out.tracks.resize(static_cast<size_t>(question.tracks()));
  const auto found = object_in(text);
  if (!found) {
    out.problems.emplace_back("the answer is no JSON object, or breaks off");
    return out;
  }
  for (int64_t i = 0; i < question.tracks(); ++i) {
    const std::string key = track_key_of(i);
    TrackReader reader(question, key, out);
    const auto entry = found->find(key);
    if (entry == found->end()) out.problems.push_back(key + " is missing");
    else out.tracks[static_cast<size_t>(i)] = reader.read(*entry, ids[static_cast<size_t>(i)]);
  }
  if (std::ssize(*found) > question.tracks() && out.problems.size() < most_problems) out.problems.emplace_back("there are keys that were not asked for");
  return out;
}

std::string write_track_answer(const TrackAnswer& answer) {
  Json out{{"confidence", Json::object()}, {"values", Json::object()}};
  for (size_t at = 0; at < answer.confidence.size(); ++at) {
    if (answer.confidence[at] >= 0) out["confidence"][gene_categories()[at].key] = confidences()[static_cast<size_t>(answer.confidence[at])];
  }
  for (size_t gene = 0; gene < answer.reply.size(); ++gene) {
    const auto& key = genes()[gene].key;
    if (answer.reply[gene] == Said::unknown) out["values"][key] = "unknown";
    else if (answer.reply[gene] == Said::value) out["values"][key] = *answer.values[gene];
  }
  return out.dump();
}

TrackAnswer read_track_answer(std::string_view text) {
  TrackAnswer out;
  const Json in = Json::parse(text, nullptr, false);
  if (!in.is_object() || !in.contains("confidence") || !in.contains("values")) throw Error("the ledger holds an answer that is not as Segue wrote it: {}", printable(text.substr(0, 80)));
  for (size_t at = 0; at < out.confidence.size(); ++at) {
    const auto& words = confidences();
    const auto said = in["confidence"].value(gene_categories()[at].key, std::string());
    if (const auto word = std::find(words.begin(), words.end(), said); word != words.end()) out.confidence[at] = static_cast<int8_t>(word - words.begin());
  }
  for (size_t gene = 0; gene < out.reply.size(); ++gene) {
    const auto found = in["values"].find(genes()[gene].key);
    if (found == in["values"].end()) continue;
    out.reply[gene] = found->is_number() ? Said::value : Said::unknown;
    if (found->is_number()) out.values[gene] = found->get<float>();
  }
  return out;
}

}  // namespace segue
