#include <algorithm>

#include "annotation/genes.h"
#include "core/error.h"
#include "core/table.h"
#include "experiments/release_parts.h"

namespace segue {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// A server may call a model by the path of its folder: the last part of it stays.
std::string without_paths(const std::string& text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find_first_of(" ,;\"", at), text.size());
    const std::string word = text.substr(at, end - at);
    const size_t slash = word.find_last_of("/\\");
    const bool path = slash != std::string::npos &&
                      (word.front() == '/' || word.front() == '~' || word.find(":\\") == 1 || word.find("://") != std::string::npos);
    out += path ? word.substr(slash + 1) : word;
    if (end < text.size()) out += text[end];
    at = end + 1;
  }
  return out;
}

void remove_paths(Json& json) {
  if (json.is_string()) json = without_paths(json.get<std::string>());
  if (!json.is_structured()) return;
  for (auto& part : json) remove_paths(part);
}

/// The values of the genes that are known, 0 to 5, with a column for each.
void write_gene_values(const Path& file, const Signal& signal) {
  Table table{{"track", std::vector<int32_t>(), {}}};
  for (const auto& gene : genes()) table.push_back({gene.key, std::vector<float>(), {}});
  for (size_t i = 0; i < signal.size(); ++i) {
    if (signal.known[i] != Known::vector) continue;
    std::get<std::vector<int32_t>>(table[0].values).push_back(signal.track[i]);
    for (size_t gene = 0; gene < gene_count; ++gene) {
      const bool known = signal.mask.empty() || signal.mask[i * gene_count + gene] != 0;
      std::get<std::vector<float>>(table[gene + 1].values).push_back(known ? signal.row(i)[gene] * static_cast<float>(gene_most) : 0.0f);
      table[gene + 1].known.push_back(known);
    }
  }
  write_table(file, table);
}

bool is_of_genes(const Path& folder, const SignalAbout& about) { return fs::exists(folder / "genes.safetensors") && about.width == gene_count; }

void release_genes(const Path& from, const Path& to, const Signal& signal) {
  fs::copy_file(from / "genes.safetensors", to / "genes.safetensors");
  if (fs::exists(from / "trust.json")) {
    Json trust = Json::parse(read_file(from / "trust.json"), nullptr, false);
    if (trust.is_discarded()) throw Error("{}: not as Segue wrote it", (from / "trust.json").string());
    remove_paths(trust);
    write_file(to / "trust.json", trust.dump(1) + "\n");
  }
  write_gene_values(to / "genes.parquet", signal);
}

ReleasedSignal release_signal(const Path& data, const Path& stage, const std::string& name, bool names) {
  Signal signal = load_signal(data, name);
  signal.problems.clear();
  if (!names) std::fill(signal.content.begin(), signal.content.end(), 0);  // who has a text could find it by its hash
  signal.about.space = without_paths(signal.about.space);
  const Path from = signal_folder(data, name), to = signal_folder(stage, name);
  fs::create_directories(to);
  write_about(to, signal.about);
  save_vectors(to, signal);
  const bool genes = is_of_genes(from, signal.about);
  if (genes) release_genes(from, to, signal);
  return {signal.about, signal.count(Known::vector), signal.count(Known::instrumental), signal.count(Known::unreadable), genes, !signal.mask.empty()};
}

}  // namespace

void release_signals(const Path& data, const Path& stage, Release& release) {
  const auto known = signal_names(data);
  auto wanted = release.options.signals.empty() ? known : release.options.signals;
  if (wanted == std::vector<std::string>{"none"}) wanted.clear();
  for (const auto& name : wanted) load_about(data, name);  // says which there are
  const bool names = !release.options.without_names;
  for (const auto& name : known) {
    if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) continue;
    const SignalAbout about = load_about(data, name);
    // Whoever has the same encoder finds the words again.
    if (!names && about.made_from == "names" && !is_of_genes(signal_folder(data, name), about)) release.telling.push_back(name);
    else release.signals.push_back(release_signal(data, stage, name, names));
  }
}

}  // namespace segue
