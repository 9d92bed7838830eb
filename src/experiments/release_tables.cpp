#include "experiments/release_tables.h"

#include "annotation/genes.h"
#include "core/files.h"

namespace segue {
namespace {

const ReleasedTable* find(const std::vector<ReleasedTable>& tables, const std::string& name) {
  for (const auto& table : tables) {
    if (table.name == name) return &table;
  }
  return nullptr;
}

}  // namespace

const std::vector<ReleasedTable>& log_tables() {
  static const std::vector<ReleasedTable> all{
      {"plays", "One track heard once, a row: listener by listener, each in the order of time.",
       {{"listener", "int32", "row of listeners"},
        {"start_ms", "int64", "when it began, milliseconds since 1970-01-01, UTC"},
        {"start_error_s", "int32", "by how many seconds that may be off: 1 or 60"},
        {"track", "int32", "row of tracks"},
        {"spelling", "int32", "row of spellings"},
        {"played_ms", "int32?", "how long it was heard, milliseconds"},
        {"reason_end", "string?", "why it ended, in the log's words"},
        {"skipped", "bool?", "whether it was skipped, as the log says"},
        {"source", "int32", "which of the logs it is from: entry of sources.json"},
        {"row", "int64", "its place in that log, from 1"},
        {"duplicate", "bool", "equal to a row before it in the same log: no protocol counts it"}}},
      {"tracks", "A track, a row. Numbers never change.",
       {{"track", "int32", "its number: its row"},
        {"artist", "string", "artist, as first spelled"},
        {"title", "string", "title, as first spelled"},
        {"id", "string", "MusicBrainz or service id; empty where unknown"},
        {"length_ms", "int64?", "its length, milliseconds"}}},
      {"spellings", "A way in which the logs wrote a track, a row.",
       {{"spelling", "int32", "its number: its row"},
        {"artist_id", "string", "MusicBrainz or service id of the artist; empty where unknown"},
        {"artist", "string", "artist, as the log writes it"},
        {"track_id", "string", "MusicBrainz or service id of the track; empty where unknown"},
        {"title", "string", "title, as the log writes it"},
        {"length_ms", "int64?", "length as the log says it, milliseconds"},
        {"track", "int32", "row of tracks"}}},
      {"listeners", "A listener, a row.",
       {{"listener", "int32", "its number: its row"},
        {"name", "string", "what the listener is called here"},
        {"time_zone", "string", "zone that was assumed for times that name none"},
        {"plays", "int64", "rows of plays"}}},
      {"lengths", "Lengths of tracks that were given beside the logs.",
       {{"track_key", "string", "an id, or trackname_ARTIST||TITLE; empty where not said"},
        {"artist", "string", "artist"},
        {"title", "string", "title"},
        {"length_ms", "int64", "length, milliseconds; 0 where unknown"}}},
  };
  return all;
}

const std::vector<ReleasedTable>& protocol_tables() {
  static const std::vector<ReleasedTable> all{
      {"plays", "The plays that this protocol looks at, cut into sessions and parts.",
       {{"listener", "int32", "row of this protocol's listeners"},
        {"track", "int32", "number of this protocol's tracks"},
        {"start_ms", "int64", "when it began, milliseconds since 1970-01-01, UTC"},
        {"moment_ms", "int64", "its end where the time heard is known, else its beginning; milliseconds"},
        {"session", "int32", "session, from 1 for each listener"},
        {"opens", "bool", "first play of its session"},
        {"part", "int8", "0 fit, 1 gate (both are train), 2 validation, 3 test"},
        {"completion", "float?", "time heard divided by length"},
        {"completion_kind", "int8", "0 unknown, 1 inferred from the gap to the next play, 2 real"}}},
      {"tracks", "The tracks of this protocol's plays.",
       {{"number", "int32", "number under this protocol: its row"},
        {"track", "int32", "row of the tracks of the whole release"},
        {"key", "string", "what makes two plays the same track"},
        {"artist", "string", "artist"},
        {"title", "string", "title"},
        {"train_plays", "int64", "plays in train"},
        {"in_catalogue", "bool", "among the tracks that are ranked"}}},
      {"listeners", "The listeners of this protocol's plays, by the bytes of their names.",
       {{"name", "string", "name in the listeners of the whole release"}}},
      {"cases", "A question with a known answer, a row: after this history, which track comes next?",
       {{"part", "int8", "2 validation, 3 test"},
        {"listener", "int32", "row of this protocol's listeners"},
        {"target", "int64", "the play that came next: row of this protocol's plays"},
        {"history_end", "int64", "the history is the listener's plays before this row"},
        {"history_begin", "int64", "and from this row on; less than his first: all"}}},
      {"candidates", "Tracks that are ranked in a case, the target first; empty where the whole catalogue is ranked.",
       {{"case", "int32", "row of this protocol's cases"}, {"track", "int32", "number of this protocol's tracks"}}},
      {"relevant", "All tracks that are right in a case; empty where the target alone is.",
       {{"case", "int32", "row of this protocol's cases"}, {"track", "int32", "number of this protocol's tracks"}}},
  };
  return all;
}

const ReleasedTable& gene_values_table() {
  static const ReleasedTable table = [] {
    ReleasedTable made{"genes", "58 musical attributes of a track, a row: 0 to 5; null where not known.", {{"track", "int32", "row of tracks"}}};
    for (const auto& gene : genes()) {
      made.columns.push_back({gene.key, "float?", gene.name + ": 0 " + gene.low + "; 5 " + gene.high});
    }
    return made;
  }();
  return table;
}

const ReleasedTable* table_of(const std::string& file) {
  const Path path = file;
  if (path.extension() != ".parquet") return nullptr;
  const std::string name = path.stem(), above = path.begin()->string();
  if (above == "protocols") return find(protocol_tables(), name);
  if (above == "signals") return name == gene_values_table().name ? &gene_values_table() : nullptr;
  return find(log_tables(), name);
}

}  // namespace segue
