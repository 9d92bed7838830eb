#include "text/vocabulary_file.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/error.h"

namespace segue {
namespace {

using Json = nlohmann::json;

Json tokens_in(const Path& file) {
  Json ids = Json::object();
  std::istringstream lines(read_file(file));
  int64_t id = 0;
  for (std::string line; std::getline(lines, line); ++id) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) ids[line] = id;
  }
  return ids;
}

/// Settings that are missing or null are left out: the normalizer knows what is usual.
Json normalizer_in(const Path& file) {
  Json made{{"type", "BertNormalizer"}};
  if (!std::filesystem::exists(file)) return made;
  const Json settings = Json::parse(read_file(file), nullptr, false);
  if (!settings.is_object()) throw Error("{}: damaged", file.string());
  constexpr std::pair<const char*, const char*> names[] = {{"do_lower_case", "lowercase"}, {"strip_accents", "strip_accents"}, {"tokenize_chinese_chars", "handle_chinese_chars"}};
  for (const auto& [theirs, ours] : names) {
    if (settings.contains(theirs) && settings[theirs].is_boolean()) made[ours] = settings[theirs];
  }
  return made;
}

}  // namespace

Json tokenizer_of_vocabulary(const Path& folder) {
  const Path file = folder / "vocab.txt";
  const Json ids = tokens_in(file);
  const auto one_of = [&](std::initializer_list<const char*> names) -> std::string {
    for (const char* name : names) {
      if (ids.contains(name)) return name;
    }
    throw Error("{}: has no token '{}', which a vocabulary of BERT has", file.string(), *std::prev(names.end()));
  };
  const auto begins = one_of({"<s>", "[CLS]"}), ends = one_of({"</s>", "[SEP]"}), unknown = one_of({"[UNK]", "<unk>"});
  Json added = Json::array();
  for (const char* name : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<s>", "<pad>", "</s>", "<unk>", "<mask>"}) {
    if (ids.contains(name)) added.push_back({{"content", name}, {"id", ids[name]}, {"lstrip", std::string(name) == "<mask>"}});
  }
  return {{"added_tokens", added},
          {"normalizer", normalizer_in(folder / "tokenizer_config.json")},
          {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
          {"post_processor", {{"type", "BertProcessing"}, {"cls", {begins, ids[begins]}}, {"sep", {ends, ids[ends]}}}},
          {"model", {{"type", "WordPiece"}, {"unk_token", unknown}, {"vocab", ids}}},
          {"decoder", {{"type", "WordPiece"}, {"prefix", "##"}}}};
}

}  // namespace segue
