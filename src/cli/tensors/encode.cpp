#include "encoders/encode.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/verbs.h"
#include "core/error.h"
#include "core/parallel.h"
#include "signals/music_files.h"
#include "signals/vector_table.h"
#include "training/run_signal.h"

namespace segue {
namespace {

struct Arguments {
  Common common;
  std::string data, table, mask, ids, export_to, import_from, read, pooling = "mean", storage;
  std::vector<std::string> music, lyrics;
  MusicOptions files;
  EncodeOptions encode;
  int jobs = 0, nice = 0;
};

/// Another kind of priority only asks for less, so nothing can go wrong that would be worth stopping for.
void be_nice(int by) {
  if (by > 0) ::setpriority(PRIO_PROCESS, 0, by);
}

/// Reports as they come, or all in one document at the end.
class Reports {
 public:
  explicit Reports(bool json) : json_(json) {}
  template <class Report>
  void add(const char* what, const Report& report) {
    if (json_) document_[what] = to_json(report);
    else fmt::print("{}", text_of(report));
  }
  void close() const {
    if (json_) fmt::print("{}\n", document_.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
  }

 private:
  bool json_;
  nlohmann::ordered_json document_ = nlohmann::ordered_json::object();
};

bool wants_encoder(const Arguments& given) { return !given.encode.encoder.empty() || !given.encode.settings.model.empty(); }

/// What is asked for besides files: nothing, or one of these.
void make_signal(Arguments& given, Reports& reports) {
  EncodeOptions& options = given.encode;
  if (wants_encoder(given)) {
    options.jobs = given.jobs > 0 ? given.jobs : threads();
    options.hear.pooling = poolings().at(given.pooling);
    options.settings.storage = given.storage;
    options.made_from = given.read.empty() ? "sound" : given.read;
    return reports.add("signal", encode(given.data, options));
  }
  const bool moves = !given.table.empty() || !given.ids.empty() || !given.import_from.empty() || !given.export_to.empty();
  if (moves && options.signal.empty()) throw Error("--signal NAME is wanted: how is it called here?");
  if (!given.table.empty()) reports.add("signal", import_vectors(given.data, options.signal, given.table, given.mask));
  if (!given.ids.empty()) reports.add("signal", signal_of_run(given.data, options.signal, given.ids));
  if (!given.import_from.empty()) reports.add("signal", import_pack(given.data, options.signal, given.import_from));
  if (!given.export_to.empty()) export_pack(given.data, options.signal, given.export_to);
}

void run(Arguments given) {
  const int ways = static_cast<int>(wants_encoder(given)) + (given.table.empty() ? 0 : 1) + (given.ids.empty() ? 0 : 1) + (given.export_to.empty() ? 0 : 1) + (given.import_from.empty() ? 0 : 1);
  if (ways > 1) throw Error("--model or --encoder, --table, --ids, --export, --import: one of them at a time");
  if (ways == 0 && given.music.empty() && given.lyrics.empty()) {
    throw Error("nothing to do: --music FOLDER ties files to tracks; --model FOLDER or --encoder NAME makes vectors; --table, --ids, --import and --export move them");
  }
  be_nice(given.nice);
  Reports reports(given.common.json);
  if (!given.music.empty() || !given.lyrics.empty()) {
    given.files.music.assign(given.music.begin(), given.music.end());
    given.files.lyrics.assign(given.lyrics.begin(), given.lyrics.end());
    reports.add("music", tie_music(given.data, given.files));
  }
  make_signal(given, reports);
  reports.close();
}

}  // namespace

void add_encode(CLI::App& app) {
  auto given = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("encode", encode_help);
  verb->add_option("data", given->data, "A data folder; made where there is none")->required();
  verb->add_option("--music", given->music, "Files and folders of music, with lyrics beside them: ties them to the tracks, adds tracks that no log has");
  verb->add_option("--lyrics", given->lyrics, "Tables of lyrics: artist, title, lyrics");
  verb->add_option("--whose", given->files.corrections, "A table of corrections: path, artist, title")->check(CLI::ExistingFile);
  verb->add_flag("--known-only", given->files.only_known, "Adds no track that no log has");
  verb->add_option("--signal", given->encode.signal, "How the signal is called (default: as its encoder, lyrics-… and names-… for words)");
  auto kinds = sound_encoders().names();
  for (const auto& name : text_encoders().names()) {
    if (std::find(kinds.begin(), kinds.end(), name) == kinds.end()) kinds.push_back(name);
  }
  verb->add_option("--encoder", given->encode.encoder, "Which (default: as the model's config.json says)")->check(CLI::IsMember(kinds));
  verb->add_option("--model", given->encode.settings.model, "Its weights: a folder in the layout of Hugging Face or sentence-transformers")->check(CLI::ExistingDirectory);
  verb->add_option("--read", given->read, "What it is made from (default: sound)")->check(CLI::IsMember({"sound", "lyrics", "names"}));
  verb->add_option("--tags", given->encode.tags, "With --read names: words of artists, a JSON object or a table artist, tags")->check(CLI::ExistingFile);
  verb->add_option("--layer", given->encode.settings.layer, "Of a network of layers: whose states (default: the last)");
  verb->add_option("--storage", given->storage, "Of the weights of an encoder of words")->check(CLI::IsMember({"f32", "int8"}));
  verb->add_option("--windows", given->encode.hear.windows, "How many parts of a track are heard, evenly spaced; 0: all of it")->capture_default_str()->check(CLI::NonNegativeNumber);
  verb->add_option("--window", given->encode.hear.window_s, "How long each is, in seconds (default: as the encoder was made for)")->check(CLI::PositiveNumber);
  verb->add_option("--pool", given->pooling, "What becomes of a track's frames")->capture_default_str()->check(CLI::IsMember(poolings().names()));
  verb->add_flag("--again", given->encode.again, "Tries once more what could not be read");
  verb->add_option("--jobs", given->jobs, "Tracks heard side by side (default: --threads)")->check(CLI::Range(1, 1024));
  verb->add_option("--nice", given->nice, "Gives way to other programs: 1 a little, 19 to all")->check(CLI::Range(0, 19));
  verb->add_option("--table", given->table, "Vectors that others made: TSV, CSV, Parquet, safetensors, npy")->check(CLI::ExistingFile);
  verb->add_option("--mask", given->mask, "With --table: npy, which vectors or numbers are known")->check(CLI::ExistingFile);
  verb->add_option("--ids", given->ids, "A trained run without signals: what it learned of each track, as a signal for other models")->check(CLI::ExistingDirectory);
  verb->add_option("--export", given->export_to, "Writes the signal's vectors into one file, to be taken elsewhere");
  verb->add_option("--import", given->import_from, "Takes such a file")->check(CLI::ExistingFile);
  add_common(*verb, given->common);
  verb->callback([given] { run(*given); });
}

}  // namespace segue
