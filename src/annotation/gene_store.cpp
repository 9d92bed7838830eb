#include "annotation/gene_store.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/claims.h"
#include "core/error.h"
#include "signals/signal_work.h"
#include "signals/stored_arrays.h"

namespace segue {
namespace {

namespace fs = std::filesystem;

constexpr const char* words[standings] = {"not asked", "answered", "agreed", "from a table", "unknown", "refused", "unsure", "disagreed", "inconsistent", "unusable"};
constexpr int64_t categories = 7;

Signal signal_of(const SignalAbout& about, const std::vector<GeneRow>& rows) {
  SignalRows out(about);
  std::vector<float> vector(gene_count);
  std::vector<uint8_t> mask(gene_count);
  for (const auto& row : rows) {
    for (size_t gene = 0; gene < vector.size(); ++gene) {
      mask[gene] = is_known(row.standing[gene]) && row.values[gene] ? 1 : 0;
      vector[gene] = mask[gene] != 0 ? *row.values[gene] / static_cast<float>(gene_most) : 0.0f;
    }
    if (std::count(mask.begin(), mask.end(), 1) > 0) out.set(row.track, Known::vector, 0, vector, mask);
  }
  return out.signal();
}

void save_details(const Path& file, const std::vector<GeneRow>& rows) {
  const auto n = static_cast<int64_t>(rows.size());
  std::vector<int32_t> track;
  std::vector<float> said;
  std::vector<uint8_t> standing;
  std::vector<int8_t> confidence;
  for (const auto& row : rows) {
    track.push_back(row.track);
    for (const auto& value : row.said) said.push_back(value.value_or(std::nanf("")));
    for (const auto one : row.standing) standing.push_back(static_cast<uint8_t>(one));
    confidence.insert(confidence.end(), row.confidence.begin(), row.confidence.end());
  }
  nlohmann::json meaning = nlohmann::json::object();
  for (size_t i = 0; i < standings; ++i) meaning[std::to_string(i)] = words[i];
  write_safetensors(file,
                    {{"track", stored(Kind::i32, track, {n})},
                     {"said", stored(Kind::f32, said, {n, gene_count})},
                     {"standing", stored(Kind::u8, standing, {n, gene_count})},
                     {"confidence", stored(Kind::i8, confidence, {n, categories})}},
                    {{"standing", meaning.dump()}});
}

}  // namespace

const char* word_of(Standing standing) { return words[static_cast<size_t>(standing)]; }

std::unique_ptr<Claim> alone_with(const Path& data, const std::string& name) {
  const Path folder = signal_folder(data, name).parent_path();
  std::error_code failed;
  fs::create_directories(folder, failed);
  Claims claims(folder);
  for (;;) {
    if (auto claim = claims.take("." + name)) return claim;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void save_genes(const Path& data, const SignalAbout& about, const std::vector<GeneRow>& rows, const nlohmann::ordered_json& trust) {
  const Path folder = signal_folder(data, about.name);
  // A folder that is there is replaced as a whole: it is never of two spaces, not even for a moment.
  const Path aside = folder.parent_path() / ("." + about.name + ".new"), old = folder.parent_path() / ("." + about.name + ".old");
  std::error_code failed;
  fs::remove_all(aside, failed);
  fs::create_directories(aside, failed);
  if (failed) throw Error("{}: can't be made: {}", aside.string(), failed.message());
  write_about(aside, about);
  save_vectors(aside, signal_of(about, rows));
  save_details(aside / "genes.safetensors", rows);
  write_file(aside / "trust.json", trust.dump(1) + "\n");
  fs::remove_all(old, failed);
  if (fs::exists(folder)) fs::rename(folder, old);
  fs::rename(aside, folder);
  fs::remove_all(old, failed);
}

const GeneRow* StoredGenes::find(int32_t track) const {
  const auto found = std::lower_bound(rows.begin(), rows.end(), track, [](const GeneRow& row, int32_t of) { return row.track < of; });
  return found != rows.end() && found->track == track ? &*found : nullptr;
}

StoredGenes load_genes(const Path& data, const std::string& name) {
  StoredGenes out{load_about(data, name), {}};
  const Path path = signal_folder(data, name) / "genes.safetensors";
  if (!fs::exists(path)) throw Error("{}: signal '{}' is not one of genes: {}; segue annotate makes one", data.string(), name, out.about.space);
  const Safetensors file(path);
  const int64_t n = file.at("track").size();
  const auto track = values_of<int32_t>(file, "track", Kind::i32, {n});
  const auto said = values_of<float>(file, "said", Kind::f32, {n, gene_count});
  const auto standing = values_of<uint8_t>(file, "standing", Kind::u8, {n, gene_count});
  const auto confidence = values_of<int8_t>(file, "confidence", Kind::i8, {n, categories});
  const Signal signal = load_signal(data, name);
  out.rows.resize(static_cast<size_t>(n));
  for (size_t i = 0; i < out.rows.size(); ++i) {
    GeneRow& row = out.rows[i];
    row.track = track[i];
    const size_t at = signal.find(row.track);
    for (size_t gene = 0; gene < gene_count; ++gene) {
      const size_t place = i * gene_count + gene;
      if (standing[place] >= standings) throw Error("{}: {} is no standing", path.string(), standing[place]);
      row.standing[gene] = static_cast<Standing>(standing[place]);
      if (!std::isnan(said[place])) row.said[gene] = said[place];
      if (at < signal.size() && is_known(row.standing[gene])) row.values[gene] = signal.row(at)[gene] * static_cast<float>(gene_most);
    }
    std::copy_n(confidence.begin() + static_cast<std::ptrdiff_t>(i * categories), categories, row.confidence.begin());
  }
  return out;
}

nlohmann::ordered_json load_trust(const Path& data, const std::string& name) {
  const Path file = signal_folder(data, name) / "trust.json";
  if (!fs::exists(file)) return nlohmann::ordered_json::object();
  auto found = nlohmann::ordered_json::parse(read_file(file), nullptr, false);
  if (found.is_discarded()) throw Error("{}: not as Segue wrote it", file.string());
  return found;
}

}  // namespace segue
