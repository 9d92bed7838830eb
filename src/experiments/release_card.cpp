#include <date/date.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>

#include "core/console.h"
#include "experiments/release_parts.h"

namespace segue {
namespace {

std::string day(int64_t ms) {
  return date::format("%F", date::floor<date::days>(date::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(ms))));
}

std::string head(const Release& release) {
  const ReleaseOptions& o = release.options;
  std::string out = fmt::format("# {}\n\n", markdown_text(o.name));
  if (!o.description.empty()) out += markdown_text(o.description) + "\n\n";
  out += fmt::format("What {} listener(s) played, from {} to {}: {} plays of {} tracks, cut into sessions, with the questions and candidates of the "
                     "protocols below. Written by `segue release`; edition {}.\n\n",
                     release.listeners, day(release.first_ms), day(release.last_ms), release.plays, release.tracks, markdown_text(o.edition));
  TextTable counts({"<what", "count"});
  counts.row({"plays", std::to_string(release.plays)});
  counts.row({"listeners", std::to_string(release.listeners)});
  counts.row({"tracks", std::to_string(release.tracks)});
  counts.row({"spellings of tracks", std::to_string(release.spellings)});
  counts.row({"logs they are from", std::to_string(release.sources)});
  out += counts.markdown();
  const std::string none = "none was given: ask who released it before you use it.";
  out += "\n**Licence:** " + (o.license.empty() ? none : markdown_text(o.license)) + "\n";
  if (!o.creator.empty()) out += "\n**Released by:** " + markdown_text(o.creator) + "\n";
  if (!o.url.empty()) out += "\n**Found at:** " + markdown_text(o.url) + "\n";
  return out;
}

std::string protocols(const Release& release) {
  std::string out = "\n## Protocols\n\n";
  if (release.protocols.empty()) return out + "None was released: `segue prepare` makes them from the plays.\n";
  TextTable table({"<protocol", "<data hash", "plays", "listeners", "tracks", "catalogue", "val cases", "test cases"});
  for (const auto& p : release.protocols) {
    const auto& log = p.summary.at("log");
    table.row({p.name, p.summary.at("data_hash").get<std::string>(), log.at("plays").dump(), log.at("listeners").dump(), log.at("tracks").dump(),
               log.at("catalogue").dump(), p.summary.at("cases").at("val").at("cases").dump(), p.summary.at("cases").at("test").at("cases").dump()});
  }
  out += table.markdown() + "\nResults may be compared if and only if their data hash and protocol are equal. The settings, in full in "
         "`protocols/NAME/protocol.json`, from which `segue prepare` makes the same cases of the same plays:\n\n";
  for (const auto& p : release.protocols) {
    const auto& settings = p.summary.at("all_settings");
    out += fmt::format("* `{}`: sessions {}; split {}\n", p.name, settings.at("sessions").dump(), settings.at("split").dump());
  }
  return out;
}

std::string signals(const Release& release) {
  if (release.signals.empty()) return "\n## Signals\n\nNone was released.\n";
  TextTable table({"<signal", "<made from", "numbers", "tracks with a vector", "of all", "without words", "unreadable"});
  for (const auto& s : release.signals) {
    const double share = 100.0 * static_cast<double>(s.vectors) / static_cast<double>(std::max<int64_t>(1, release.tracks));
    table.row({s.about.name, s.about.made_from, std::to_string(s.about.width), std::to_string(s.vectors), fmt::format("{:.1f} %", share),
               std::to_string(s.instrumental), std::to_string(s.unreadable)});
  }
  std::string out = "\n## Signals\n\n" + table.markdown() + "\nTheir spaces: all that a vector depends on besides what it is made from.\n\n";
  for (const auto& s : release.signals) {
    out += fmt::format("* {}, `{}`: {}\n", markdown_text(s.about.name), s.about.space_id(), markdown_text(s.about.space));
  }
  out += "\n`signals/NAME/vectors.safetensors` holds `track` int32 [n] (row of tracks), `known` uint8 [n] (1 a vector, 2 no words, 3 "
         "unreadable), `content` int64 "
         "[n] (a hash of what the vector was made from, 0 where not known), `vectors` float32 [n, D] (zeros unless `known` is 1) and, where "
         "single numbers may be missing, `mask` uint8 [n, D] (1: known). Vectors of two spaces must not be mixed.\n";
  const bool genes = std::any_of(release.signals.begin(), release.signals.end(), [](const auto& s) { return s.genes; });
  if (genes) {
    out += "\nOf a signal of genes `genes.parquet` has the values as a table, `genes.safetensors` what was said of each before anything was "
           "left out, `trust.json` who was asked and how far to trust it.\n";
  }
  return out;
}

std::string columns_of(const ReleasedTable& table) {
  TextTable out({"<column", "<type", "<what it says"});
  for (const auto& column : table.columns) out.row({column.name, column.type, column.about});
  return out.markdown();
}

/// Each kind of table once, with the files that are of it.
std::string tables(const Release& release) {
  std::string out = "\n## Tables\n\nParquet; `?` marks a column that may be null.\n";
  std::vector<const ReleasedTable*> seen;
  for (const auto& file : release.files) {
    if (file.table == nullptr || std::find(seen.begin(), seen.end(), file.table) != seen.end()) continue;
    seen.push_back(file.table);
    std::vector<std::string> files;
    for (const auto& other : release.files) {
      if (other.table == file.table) files.push_back(fmt::format("`{}` ({} rows)", other.path, other.rows));
    }
    out += fmt::format("\n### {}\n\n{}\n\n{}", fmt::join(files, ", "), file.table->about, columns_of(*file.table));
  }
  return out;
}

std::string left_out(const Release& release) {
  std::string out = "\n## What was left out, and why\n\n"
                    "* Sound and lyrics, and every text that quotes them: they belong to others. Vectors are what is left of them.\n"
                    "* The list of music files; names and paths of files, of music and of logs, and what a log's refused rows said: they tell "
                    "of a machine and its owner. Logs are called `log-0`, `log-1`, … in `sources.json`.\n"
                    "* What language models were asked and answered word for word, and what was paid; trained models and results.\n";
  if (!release.options.keep_listeners) {
    out += "* Names of listeners: they are `listener-001` and so on here, and hashes are made from these. Nothing here leads back to a name, "
           "but see below.\n";
  }
  if (release.options.without_names) {
    out += "* Names and ids of artists and tracks, which are numbered in the order of their bytes, with the corrections of names and the hashes "
           "of what vectors were made from.";
    if (!release.telling.empty()) out += fmt::format(" Signals made from names: {}.", fmt::join(release.telling, ", "));
    out += '\n';
  }
  if (release.unnamed > 0) {
    out += fmt::format("* Names of {} track(s) that no log has and that only a file's path named: empty here.\n", release.unnamed);
  }
  return out;
}

std::string inferred(const Release& release) {
  std::string out = "\n## What a recipient can infer\n\n";
  if (release.options.keep_listeners) {
    out += "* **Who the listeners are:** their names are here.\n";
  } else {
    out += "* **Who a listener is, from a few of his plays.** Plays carry their track, and their time to the second. Who knows some of "
           "a person's plays, say from a public profile, finds the person here, and then all other plays. Numbers instead of names are no anonymity.\n"
           "* **The alphabet of the names.** Listeners are numbered in the order of the bytes of their names, for on that order the last digits "
           "of an evaluation depend. Who has the whole list of the names knows who is who.\n";
  }
  if (release.options.without_names) {
    out += "* **What a track is, from who played it when.** Numbers hide a name, not a history: who finds one listener's plays elsewhere, with "
           "names, has these tracks' names. The numbers tell the alphabetical order.\n";
  } else {
    out += "* **What was heard locally:** tracks are named as the logs wrote them, also those that only one person has.\n"
           "* **Which text or file a vector was made from:** `content` is a hash of it, so who has the same text or file can tell that it is "
           "the same.\n";
  }
  out += "* **Habits:** when somebody sleeps, works and travels, and what his tracks say of language, faith or mood. Times are not shifted: "
         "cut-offs, sessions and questions depend on them.\n"
         "* **Words, from vectors of them:** vectors of names and lyrics tell something of what they were made from.\n"
         "* **Time zones** that were given at import, in `listeners.parquet`.\n";
  return out;
}

std::string use(const Release& release) {
  std::string out = "\n## How to load it\n\n`python3 load.py` shows all tables and vectors; it needs pandas or Polars, and nothing else. In a "
                    "program:\n\n"
                    "```python\nfrom load import table, signal\n\nplays = table(\"plays\")  # a DataFrame\n";
  if (!release.protocols.empty()) out += fmt::format("cases = table(\"protocols/{}/cases\")\n", release.protocols.front().name);
  if (!release.signals.empty()) {
    out += fmt::format("vectors = signal(\"{}\")[\"vectors\"]  # numpy.asarray(vectors) copies nothing\n", release.signals.front().about.name);
  }
  out += "```\n\n`croissant.json` describes all of it for tools that read Croissant 1.0.\n"
         "\n## How to verify it\n\n`sha256sum -c SHA256SUMS`, or `python3 load.py --verify`.\n"
         "\n## How to read it back\n\n`segue import THIS_FOLDER --into DATA` verifies it and makes a data folder of it, with the same numbers "
         "of tracks, the same protocols and signals.";
  if (!release.protocols.empty()) {
    out += fmt::format(" `segue evaluate DATA --protocol {}` then says what it said where this was released, to the last digit{}.",
                       release.protocols.front().name,
                       release.options.keep_listeners && !release.options.without_names ? "" : ", but for the data hash, in which the names are");
  }
  return out + "\n";
}

}  // namespace

std::string card_of(const Release& release) {
  return head(release) + protocols(release) + signals(release) + tables(release) + left_out(release) + inferred(release) + use(release);
}

}  // namespace segue
