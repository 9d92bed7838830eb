#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "annotation/gene_evidence.h"
#include "annotation/gene_store.h"
#include "annotation/ledger.h"
#include "core/claims.h"

namespace segue {

/// What is asked, of whom, and about what. Its space: two of them never share an answer.
struct AskedOf {
  std::string model;          // as the server calls it; of a folder its name and a hash of its config
  QuestionPlan plan;
  EvidenceOptions evidence;
};

struct AnnotateOptions {
  AskedOf asked;
  int repairs = 1;            // how often an answer that is not as the schema has it is sent back to be mended
  int at_once = 4;            // requests in flight
  int64_t limit = 0;          // tracks, the most played first; 0: all
  std::optional<double> budget = {};  // of all that the ledger ever recorded, in the currency of `price`
  TokenPrice price;
  bool again = false;         // asks once more where not all of an answer was valid
  uint64_t seed = 1;
  ClaimOptions claims = {};
};

/// What asking came to.
struct AskReport {
  int64_t wanted = 0;         // tracks
  int64_t whole = 0;          // of these everything that was asked is answered, validly
  int64_t part = 0;           // something is
  int64_t nothing = 0;        // was asked, and nothing came that is valid
  int64_t requests = 0, failed = 0, mended = 0;  // now: sent; without an answer; answers that had to be sent back
  int64_t prompt_tokens = 0, answer_tokens = 0;  // now
  double cost = 0, spent = 0; // now, and of all that the ledger recorded
  double seconds = 0;
  std::string stopped;        // why it ended before its end; empty: it did not
  std::vector<std::string> problems;  // of answers and requests, the first hundred
};

/// Asks for the genes of a data folder's tracks, the most played first, and writes every answer into DATA/annotation/ledger.sqlite as
/// it comes. What was answered is not asked again. May be killed and started again, and by several processes at once.
/// A run of failures and a spent budget end it: `stopped` says so.
AskReport ask_for_genes(const Path& data, ChatModel& model, const AnnotateOptions& options);

/// What is left to be asked, and what it would take.
struct AskEstimate {
  int64_t tracks = 0;         // wanted
  int64_t left = 0;           // of which something is still to be asked
  int64_t requests = 0;
  double prompt_tokens = 0, answer_tokens = 0, cost = 0;
  double seconds_a_request = 0;  // as earlier ones took; 0: there were none
  int64_t measured = 0;       // earlier requests from which this is estimated; 0: from the lengths of the texts
  std::string prompt;         // the first one, whole
  std::vector<std::string> tells;  // what leaves for whoever answers, in words
};
AskEstimate estimate_asking(const Path& data, const AnnotateOptions& options);

nlohmann::ordered_json to_json(const AskReport& report);
std::string text_of(const AskReport& report);
nlohmann::ordered_json to_json(const AskEstimate& estimate, const AnnotateOptions& options, const std::string& where);
std::string text_of(const AskEstimate& estimate, const AnnotateOptions& options, const std::string& where);

/// Tracks of a data folder in the order in which they are asked for: the most played first, then by number.
std::vector<int32_t> tracks_by_plays(const Path& data, int32_t tracks);

/// Names what an answer belongs to: 32 hex digits.
class AnswerKeys {
 public:
  explicit AnswerKeys(const AskedOf& asked, const std::string& evidence);
  /// known: what is told of the track.
  std::string of(const nlohmann::ordered_json& known, int64_t part, int64_t pass) const;

 private:
  std::string front_;
};

Path ledger_file(const Path& data);

}  // namespace segue
