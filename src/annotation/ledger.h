#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.h"

struct sqlite3;

namespace segue {

/// What tokens cost, in any currency, for a million of them.
struct TokenPrice {
  double prompt = 0, answer = 0;

  double of(int64_t prompt_tokens, int64_t answer_tokens) const {
    return 1e-6 * (prompt * static_cast<double>(prompt_tokens) + answer * static_cast<double>(answer_tokens));
  }
};

/// The budget does not allow another request. What was answered is kept.
struct BudgetSpent {
  double spent = 0, next = 0, budget = 0;
};

/// What was asked, answered and paid: an SQLite file (tables `request`, `answer`, `spent`), which several threads and processes
/// may write. Everything is in it as soon as a call returns, so a kill loses the requests in flight and no others; these
/// stay counted at the most they may have cost.
class Ledger {
 public:
  /// Throws Error: it can't be written, is damaged, or another program's.
  explicit Ledger(const Path& file);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  struct Ask {
    std::string hash;             // of model, prompt and schema
    std::string model, where;
    int64_t tracks = 0;
    double most = 0;              // it can't cost more
    std::optional<double> budget = {};  // of all that was ever asked here
  };
  /// Before a request is sent: its number. Throws BudgetSpent, and then nothing is written.
  int64_t begin(const Ask& ask);

  /// It is sent once more, and may cost so much more. Throws BudgetSpent as begin(): then what it may have cost so far stays counted.
  void raise(int64_t request, double more, std::optional<double> budget);

  struct Outcome {
    std::string text, error;      // one of them
    int64_t prompt_tokens = 0, answer_tokens = 0;
    double cost = 0, seconds = 0;
  };
  /// A track's part of an answer, as write_track_answer has it.
  struct Answer {
    std::string key;              // what was asked of which track
    std::string text;
    bool whole = true;
  };
  /// After it came back. What stands under a key already is replaced.
  void end(int64_t request, const Outcome& outcome, const std::vector<Answer>& answers);

  std::optional<Answer> find(const std::string& key) const;

  struct Totals {
    int64_t requests = 0;         // all that were begun
    int64_t answered = 0, failed = 0;
    int64_t prompt_tokens = 0, answer_tokens = 0;  // of those answered
    double cost = 0, seconds = 0;
  };
  Totals totals() const;
  /// Tokens per request and byte of what was answered by a model, for estimates.
  struct Usage {
    int64_t requests = 0;
    double prompt_tokens = 0, answer_tokens = 0, seconds = 0;  // means
  };
  Usage usage(const std::string& model, int64_t tracks) const;

 private:
  class Statement;
  void run(const char* sql) const;
  void write_ahead() const;
  /// All that `work` writes, or where it throws nothing.
  template <class Work>
  void together(const Work& work);
  void spend(double more, std::optional<double> budget);

  Path file_;
  sqlite3* base_ = nullptr;
  mutable std::mutex mutex_;
};

}  // namespace segue
